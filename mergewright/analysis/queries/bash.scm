(function_definition name: (word) @name) @function
(program [
  (variable_assignment name: (variable_name) @name) @variable
  (declaration_command (variable_assignment name: (variable_name) @name)) @variable
])

(command
  name: (command_name (word) @callee)
  . argument: [(word) (string) (raw_string)] @argument)
(command name: (command_name (word) @reference))

[(if_statement) (elif_clause) (for_statement) (c_style_for_statement) (while_statement) (case_item) "&&" "||"] @decision

(comment) @comment
