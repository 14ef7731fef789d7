(class_declaration "class" (type_identifier) @name) @class
(class_declaration "interface" (type_identifier) @name) @interface
(class_declaration "enum" (type_identifier) @name) @enum
(object_declaration (type_identifier) @name) @object
(companion_object "companion" @name) @object
(enum_entry (simple_identifier) @name) @member
(function_declaration (simple_identifier) @name) @function
(secondary_constructor "constructor" @name) @function
(property_declaration (variable_declaration (simple_identifier) @name) [(anonymous_function) (lambda_literal)]) @function
(property_declaration (variable_declaration (simple_identifier) @name)) @variable
(class_parameter (binding_pattern_kind) (simple_identifier) @name) @field
(type_alias (type_identifier) @name) @type

(import_header) @import
(call_expression . (simple_identifier) @reference)
(call_expression . (navigation_expression (navigation_suffix (simple_identifier) @reference)))
(type_identifier) @reference

[
  (if_expression) (for_statement) (while_statement) (do_while_statement) (catch_block) (when_condition)
  (conjunction_expression) (disjunction_expression) (elvis_expression)
] @decision

(multiline_comment) @comment
