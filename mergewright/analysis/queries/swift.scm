(class_declaration ["class" "struct" "actor"] name: (type_identifier) @name) @class
(class_declaration "enum" name: (type_identifier) @name) @enum
(class_declaration "extension" name: (user_type (type_identifier) @name)) @implementation
(protocol_declaration name: (type_identifier) @name) @interface
(enum_entry name: (simple_identifier) @name) @member
[
  (function_declaration name: [(simple_identifier) (custom_operator)] @name)
  (function_declaration name: ["+" "-" "*" "/" "%" "<" ">" "<=" ">=" "==" "!="] @name)
  (protocol_function_declaration name: (simple_identifier) @name)
  (init_declaration "init" @name)
  (deinit_declaration "deinit" @name)
  (subscript_declaration "subscript" @name)
] @function
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @variable
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (_)) @property
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property
(typealias_declaration name: (type_identifier) @name) @type

(import_declaration) @import
(call_expression . (simple_identifier) @reference)
(call_expression . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference)))
(type_identifier) @reference

[
  (if_statement) (guard_statement) (for_statement) (while_statement) (repeat_while_statement)
  (switch_pattern) (catch_block) (ternary_expression) (conjunction_expression)
  (disjunction_expression) (nil_coalescing_expression)
] @decision

[(comment) (multiline_comment)] @comment
