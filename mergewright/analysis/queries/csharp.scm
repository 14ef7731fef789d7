(class_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_member_declaration name: (identifier) @name) @member
(delegate_declaration name: (identifier) @name) @type
(namespace_declaration name: (_) @name) @module
[
  (method_declaration name: (identifier) @name)
  (constructor_declaration name: (identifier) @name)
  (destructor_declaration name: (identifier) @name)
  (local_function_statement name: (identifier) @name)
  (operator_declaration "operator" @name)
  (conversion_operator_declaration "operator" @name)
  (indexer_declaration "this" @name)
] @function
(property_declaration name: (identifier) @name) @property
(event_declaration name: (identifier) @name) @field
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field

(using_directive) @import
(invocation_expression function: [
  (identifier) @reference
  (generic_name (identifier) @reference)
  (member_access_expression name: [(identifier) @reference (generic_name (identifier) @reference)])
  (conditional_access_expression (member_binding_expression name: (identifier) @reference))
])
(object_creation_expression type: [(identifier) @reference (generic_name (identifier) @reference)])
(base_list [(identifier) @reference (generic_name (identifier) @reference) (qualified_name name: (identifier) @reference)])
(attribute name: [(identifier) @reference (qualified_name name: (identifier) @reference)])
(parameter type: [(identifier) @reference (generic_name (identifier) @reference)])
(variable_declaration type: [(identifier) @reference (generic_name (identifier) @reference)])
(method_declaration returns: [(identifier) @reference (generic_name (identifier) @reference)])
(property_declaration type: [(identifier) @reference (generic_name (identifier) @reference)])
(type_argument_list (identifier) @reference)

[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (catch_clause)
  (conditional_expression) (switch_expression_arm) "case" "&&" "||" "??"
] @decision

(comment) @comment
