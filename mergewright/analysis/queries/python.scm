(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function
(module [
  (assignment left: (identifier) @name)
  (assignment left: (pattern_list (identifier) @name))
  (expression_statement (assignment left: (identifier) @name))
] @variable)
(class_definition body: (block (assignment left: (identifier) @name) @field))
(module (assignment left: (identifier) @name right: (lambda)) @function)
(type_alias_statement left: (type [(identifier) @name (generic_type . (identifier) @name)])) @type

[(import_statement) (import_from_statement)] @import
(import_from_statement name: (dotted_name (identifier) @reference .))
(import_from_statement name: (aliased_import name: (dotted_name (identifier) @reference .)))
(call function: [(identifier) @reference (attribute attribute: (identifier) @reference)])
(decorator [(identifier) @reference (attribute attribute: (identifier) @reference)])
(class_definition superclasses: (argument_list [
  (identifier) @reference
  (attribute attribute: (identifier) @reference)
  (keyword_argument value: (identifier) @reference)
]))
(type [(identifier) @reference (generic_type . (identifier) @reference) (attribute attribute: (identifier) @reference)])
(except_clause value: (identifier) @reference)

[
  (if_statement) (elif_clause) (for_statement) (while_statement) (except_clause)
  (conditional_expression) (boolean_operator) (for_in_clause) (if_clause) (case_clause)
] @decision

(module . (string) @module_docstring)
(class_definition body: (block . (string) @docstring))
(function_definition body: (block . (string) @docstring))
