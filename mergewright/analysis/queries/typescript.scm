(class_declaration name: (type_identifier) @name) @class
(abstract_class_declaration name: (type_identifier) @name) @class
(interface_declaration name: (type_identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_body name: (property_identifier) @name @member)
(enum_assignment name: (property_identifier) @name) @member
(type_alias_declaration name: (type_identifier) @name) @type
(internal_module name: (_) @name) @module
(module name: (_) @name) @module
[
  (method_signature name: (_) @name)
  (abstract_method_signature name: (_) @name)
  (function_signature name: (identifier) @name)
] @function
(public_field_definition name: (_) @name) @field
(property_signature name: (property_identifier) @name) @field
(public_field_definition name: (_) @name value: [(arrow_function) (function_expression)]) @function
(import_require_clause source: (string (string_fragment) @import))
(extends_clause value: [(identifier) @reference (member_expression property: (property_identifier) @reference)])
(type_identifier) @reference
