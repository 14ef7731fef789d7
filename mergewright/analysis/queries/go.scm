(function_declaration name: (identifier) @name) @function
(method_declaration name: (field_identifier) @name) @function
(method_elem name: (field_identifier) @name) @function
(type_spec name: (type_identifier) @name type: (struct_type)) @class
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type
(const_spec name: (identifier) @name) @constant
(source_file (var_declaration [
  (var_spec name: (identifier) @name) @variable
  (var_spec_list (var_spec name: (identifier) @name) @variable)
]))
(source_file (var_declaration (var_spec name: (identifier) @name value: (expression_list . (func_literal))) @function))
(field_declaration name: (field_identifier) @name) @field

(import_spec path: (interpreted_string_literal (interpreted_string_literal_content) @import))
(call_expression function: [
  (identifier) @reference
  (selector_expression field: (field_identifier) @reference)
])
(type_identifier) @reference

[
  (if_statement) (for_statement) (expression_case) (type_case) (communication_case) "&&" "||"
] @decision

(comment) @comment
