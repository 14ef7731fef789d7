(class name: [(constant) @name (scope_resolution name: (constant) @name)]) @class
(module name: [(constant) @name (scope_resolution name: (constant) @name)]) @module
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(alias name: (_) @name) @function
(assignment left: (constant) @name) @constant
(assignment left: (constant) @name right: (call block: (_))) @class
(assignment left: (identifier) @name right: (lambda)) @function
(call !receiver arguments: (argument_list (simple_symbol) @name)) @accessor
(call !receiver arguments: (argument_list . (simple_symbol) @name)) @definer

(call
  !receiver
  method: (identifier) @callee
  arguments: (argument_list . (string (string_content) @argument) .))
(call method: [(identifier) (constant)] @reference)
(constant) @reference

[
  (if) (elsif) (unless) (if_modifier) (unless_modifier) (while) (until) (while_modifier)
  (until_modifier) (for) (when) (in_clause) (rescue) (rescue_modifier) (conditional) "&&" "||" "and" "or"
] @decision

(comment) @comment
