(struct_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @enum
(enum_variant name: (identifier) @name) @member
(trait_item name: (type_identifier) @name) @trait
(impl_item type: [
  (type_identifier) @name
  (generic_type type: (type_identifier) @name)
  (scoped_type_identifier name: (type_identifier) @name)
]) @implementation
(mod_item name: (identifier) @name body: (_)) @module
(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(macro_definition name: (identifier) @name) @macro
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(type_item name: (type_identifier) @name) @type
(associated_type name: (type_identifier) @name) @type
(field_declaration name: (field_identifier) @name) @field

(use_declaration argument: (_) @import)
(mod_item name: (identifier) @import_module !body)
(extern_crate_declaration name: (identifier) @import)
(call_expression function: [
  (identifier) @reference
  (scoped_identifier name: (identifier) @reference)
  (field_expression field: (field_identifier) @reference)
  (generic_function function: [
    (identifier) @reference
    (scoped_identifier name: (identifier) @reference)
    (field_expression field: (field_identifier) @reference)
  ])
])
(macro_invocation macro: [(identifier) @reference (scoped_identifier name: (identifier) @reference)])
(type_identifier) @reference

[
  (if_expression) (while_expression) (for_expression) (loop_expression) (match_arm) (try_expression)
] @decision
(binary_expression operator: ["&&" "||"] @decision)

[(line_comment) (block_comment)] @comment
(attribute_item) @glue
