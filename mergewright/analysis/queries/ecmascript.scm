(variable_declarator name: (identifier) @name value: (class)) @class
[
  (method_definition name: (_) @name)
  (function_declaration name: (identifier) @name)
  (generator_function_declaration name: (identifier) @name)
  (function_expression name: (identifier) @name)
] @function
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(variable_declarator
  name: (identifier) @name
  value: (call_expression arguments: (arguments . [(arrow_function) (function_expression)]))) @function
(pair key: (property_identifier) @name value: [(arrow_function) (function_expression)]) @function
(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function) (function_expression)]) @function
(program [
  (lexical_declaration (variable_declarator name: (identifier) @name) @variable)
  (variable_declaration (variable_declarator name: (identifier) @name) @variable)
  (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
])

(import_statement source: (string (string_fragment) @import))
(export_statement source: (string (string_fragment) @import))
(call_expression
  function: [(identifier) (import)] @callee
  arguments: (arguments . (string (string_fragment) @argument) .))
(import_specifier name: (identifier) @reference)
(call_expression function: [
  (identifier) @reference
  (member_expression property: [(property_identifier) (private_property_identifier)] @reference)
])
(new_expression constructor: [(identifier) @reference (member_expression property: (property_identifier) @reference)])
(decorator [(identifier) @reference (call_expression function: (identifier) @reference)])

[
  (if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement)
  (switch_case) (catch_clause) (ternary_expression) "&&" "||" "??"
] @decision

(comment) @comment
(decorator) @glue
