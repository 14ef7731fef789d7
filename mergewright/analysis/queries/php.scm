(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @member
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @function
(const_declaration (const_element (name) @name) @constant)
(property_element name: (variable_name (name) @name)) @field
(property_promotion_parameter name: (variable_name (name) @name)) @field
(function_call_expression
  function: (name)
  arguments: (arguments . (argument (string (string_content) @name)))) @define
(namespace_definition name: (_) @name body: (_)) @module

(namespace_use_declaration) @import
(require_once_expression (string (string_content) @import_relative))
(require_expression (string (string_content) @import_relative))
(include_once_expression (string (string_content) @import_relative))
(include_expression (string (string_content) @import_relative))
(function_call_expression function: [(name) @reference (qualified_name (name) @reference)])
(member_call_expression name: (name) @reference)
(nullsafe_member_call_expression name: (name) @reference)
(scoped_call_expression scope: (name) @reference)
(scoped_call_expression name: (name) @reference)
(object_creation_expression [(name) @reference (qualified_name (name) @reference)])
(base_clause [(name) @reference (qualified_name (name) @reference)])
(class_interface_clause [(name) @reference (qualified_name (name) @reference)])
(use_declaration [(name) @reference (qualified_name (name) @reference)])
(named_type [(name) @reference (qualified_name (name) @reference)])
(attribute [(name) @reference (qualified_name (name) @reference)])
(class_constant_access_expression . (name) @reference)

[
  (if_statement) (else_if_clause) (for_statement) (foreach_statement) (while_statement) (do_statement)
  (case_statement) (match_conditional_expression) (catch_clause) (conditional_expression)
  "&&" "||" "??" "and" "or"
] @decision

(comment) @comment
