(class_definition name: (identifier) @name) @class
(object_definition name: (identifier) @name) @object
(package_object name: (identifier) @name) @object
(trait_definition name: (identifier) @name) @trait
(enum_definition name: (identifier) @name) @enum
(simple_enum_case name: (identifier) @name) @member
(full_enum_case name: (identifier) @name) @member
(function_definition name: [(identifier) (operator_identifier)] @name) @function
(function_declaration name: [(identifier) (operator_identifier)] @name) @function
(val_definition pattern: [(identifier) @name (tuple_pattern (identifier) @name)]) @variable
(var_definition pattern: (identifier) @name) @variable
(val_declaration name: (identifier) @name) @variable
(given_definition name: (identifier) @name) @variable
(type_definition name: (type_identifier) @name) @type

(import_declaration) @import
(call_expression function: [
  (identifier) @reference
  (field_expression field: (identifier) @reference)
  (generic_function function: [(identifier) @reference (field_expression field: (identifier) @reference)])
])
(type_identifier) @reference

[
  (if_expression) (for_expression) (while_expression) (do_while_expression) (case_clause)
] @decision
(infix_expression operator: (operator_identifier) @operator)

[(comment) (block_comment)] @comment
