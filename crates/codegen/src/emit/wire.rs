//! `wire-venus`: how each value is written.

use std::fmt::Write as _;

use super::{File, HEADER, Model, is_count, is_out, length, module_file, names, types};
use crate::resolve::{Command, Field, Length, Shape, Structure, Type};
use crate::special_cases;

const DIR: &str = "crates/wire-venus/src/generated";

/// Every file of the crate's generated folder.
pub fn emit(model: &Model<'_>) -> Vec<File> {
    let mut files = vec![scalars(model), extension(model), command(model)];
    let mut modules: Vec<String> = ["scalars", "extension", "command"].map(String::from).into();
    let objects: std::collections::BTreeSet<_> = model
        .structures
        .keys()
        .chain(model.commands.keys())
        .cloned()
        .collect();
    for object in objects {
        let mut text = format!(
            "{HEADER}use vulkan_types::*;\nuse wire::ParseError;\n\nuse crate::codec::*;\nuse crate::{{Decoder, Encoder}};\n\n"
        );
        for structure in model.structures.get(&object).into_iter().flatten() {
            record(&mut text, model, structure);
        }
        for command in model.commands.get(&object).into_iter().flatten() {
            request(&mut text, model, command);
            reply(&mut text, model, command);
        }
        files.push(File {
            path: format!("{DIR}/{object}.rs"),
            text,
        });
        modules.push(object);
    }
    modules.sort();
    let mut module = module_file(
        DIR,
        "The wire form of every value.",
        &modules,
        "\npub use command::{decode_command, encode_command};\n",
    );
    for name in &modules {
        module.text = module.text.replace(&format!("pub use {name}::*;\n"), "");
    }
    files.push(module);
    files
}

fn scalars(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use vulkan_types::*;\nuse wire::ParseError;\n\nuse crate::codec::*;\nuse crate::{{Decoder, Encoder}};\n\n"
    );
    text.push_str("macro_rules! enumerations {\n    ($($name:ident,)*) => {\n        $(impl<'a> Decode<'a> for $name {\n            #[inline]\n            fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {\n                let value = Self(d.i32()?);\n                if value.is_known() {\n                    return Ok(value);\n                }\n                Err(ParseError::BadValue { what: stringify!($name), value: u64::from(value.0 as u32) })\n            }\n        }\n\n        impl Encode for $name {\n            #[inline]\n            fn encode(&self, e: &mut Encoder) {\n                e.i32(self.0);\n            }\n        })*\n    };\n}\n\n");
    text.push_str("macro_rules! masks {\n    ($($name:ident: $word:ident,)*) => {\n        $(impl<'a> Decode<'a> for $name {\n            #[inline]\n            fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {\n                let value = Self(d.$word()?);\n                let unknown = value.without(Self::KNOWN).0;\n                if unknown == 0 {\n                    return Ok(value);\n                }\n                Err(ParseError::BadValue { what: stringify!($name), value: unknown.into() })\n            }\n        }\n\n        impl Encode for $name {\n            #[inline]\n            fn encode(&self, e: &mut Encoder) {\n                e.$word(self.0);\n            }\n        })*\n    };\n}\n\n");
    text.push_str("macro_rules! ids {\n    ($($name:ident,)*) => {\n        $(impl<'a> Decode<'a> for $name {\n            const MIN_BYTES: usize = 8;\n\n            #[inline]\n            fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {\n                d.u64().map(Self)\n            }\n        }\n\n        impl Encode for $name {\n            #[inline]\n            fn encode(&self, e: &mut Encoder) {\n                e.u64(self.0);\n            }\n        })*\n    };\n}\n\nenumerations! {\n");
    for name in &model.protocol.enums {
        if model
            .registry
            .enums
            .get(name)
            .is_some_and(|values| !values.bitmask)
        {
            let _ = writeln!(text, "    {},", names::type_name(name));
        }
    }
    text.push_str("}\n\nmasks! {\n");
    for (name, wide) in &model.protocol.flags {
        let _ = writeln!(
            text,
            "    {}: {},",
            names::type_name(name),
            if *wide { "u64" } else { "u32" }
        );
    }
    text.push_str("}\n\nids! {\n");
    for name in &model.protocol.handles {
        let _ = writeln!(text, "    {},", names::id_name(name));
    }
    text.push_str("}\n");
    File {
        path: format!("{DIR}/scalars.rs"),
        text,
    }
}

fn extension(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use vulkan_types::*;\nuse wire::ParseError;\n\nuse crate::codec::{{AnyBody, Body, Structure}};\nuse crate::{{Decoder, Encoder}};\n\nimpl<'a> AnyBody<'a> for Extension<'a> {{\n"
    );
    let links: Vec<_> = model
        .protocol
        .records
        .values()
        .filter(|record| record.link)
        .collect();
    for (name, body) in [
        ("decode_body", "decode_body"),
        ("decode_partial_body", "decode_partial_body"),
    ] {
        let _ = writeln!(
            text,
            "    fn {name}(stype: StructureType, d: &mut Decoder<'a>) -> Result<Self, ParseError> {{\n        Ok(match stype {{"
        );
        for link in &links {
            let rust = names::type_name(&link.name);
            let _ = writeln!(
                text,
                "            {rust}::STYPE => Self::{rust}(d.body({rust}::{body})?),"
            );
        }
        text.push_str("            other => return Err(ParseError::BadValue { what: \"sType in chain\", value: u64::from(other.0 as u32) }),\n        })\n    }\n\n");
    }
    for name in ["encode_body", "encode_partial_body"] {
        let _ = writeln!(
            text,
            "    fn {name}(&self, e: &mut Encoder) {{\n        match self {{"
        );
        for link in &links {
            let _ = writeln!(
                text,
                "            Self::{}(link) => link.{name}(e),",
                names::type_name(&link.name)
            );
        }
        text.push_str("        }\n    }\n\n");
    }
    text.push_str("}\n");
    File {
        path: format!("{DIR}/extension.rs"),
        text,
    }
}

fn command(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use vulkan_types::*;\nuse wire::ParseError;\n\nuse crate::codec::WireRequest;\nuse crate::{{Decoder, Encoder}};\n\n/// Takes one command: its number, its flags, its arguments.\n///\n/// # Errors\n/// The bytes end, the number is of no command that can be sent, or an argument is malformed.\npub fn decode_command<'a>(d: &mut Decoder<'a>) -> Result<(Command<'a>, u32), ParseError> {{\n    let id = d.u32()?;\n    let flags = d.u32()?;\n    let command = match id {{\n"
    );
    for command in &model.protocol.commands {
        let rust = names::type_name(&command.name);
        let _ = writeln!(
            text,
            "        {rust}::ID => Command::{rust}({rust}::decode_arguments(d)?),"
        );
    }
    text.push_str("        other => return Err(ParseError::BadValue { what: \"command\", value: other.into() }),\n    };\n    Ok((command, flags))\n}\n");
    text.push_str("\n/// Puts one command, as [`decode_command`] takes it (the client's half).\npub fn encode_command(command: &Command<'_>, flags: u32, e: &mut Encoder) {\n    match command {\n");
    for command in &model.protocol.commands {
        let _ = writeln!(
            text,
            "        Command::{}(command) => command.encode_command(flags, e),",
            names::type_name(&command.name)
        );
    }
    text.push_str("    }\n}\n\n/// Gives a macro the names of all commands, for what is the same for each.\n#[macro_export]\nmacro_rules! for_each_command {\n    ($each:ident) => {\n        $each! {\n");
    for command in &model.protocol.commands {
        let _ = writeln!(text, "            {},", names::type_name(&command.name));
    }
    text.push_str("        }\n    };\n}\n");
    File {
        path: format!("{DIR}/command.rs"),
        text,
    }
}

fn record(text: &mut String, model: &Model<'_>, structure: &Structure) {
    if structure.union {
        return union(text, model, structure);
    }
    let rust = names::type_name(&structure.name);
    let typed = format!("{rust}{}", model.lifetime(structure, "'a"));
    let plain_typed = format!(
        "{rust}{}",
        if names::borrows(structure, &model.protocol.records) {
            "<'_>"
        } else {
            ""
        }
    );
    let decode = decode_fields(model, structure, false);
    let encode = encode_fields(model, structure, false);
    let decode_partial = decode_fields(model, structure, true);
    let encode_partial = encode_fields(model, structure, true);
    if let Some(stype) = &structure.stype {
        let _ = writeln!(text, "impl<'a> Body<'a> for {typed} {{");
        function(
            text,
            "fn decode_body(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
            &decode,
        );
        function(text, "fn encode_body(&self, e: &mut Encoder)", &encode);
        function(
            text,
            "fn decode_partial_body(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
            &decode_partial,
        );
        function(
            text,
            "fn encode_partial_body(&self, e: &mut Encoder)",
            &encode_partial,
        );
        text.push_str("}\n\n");
        let allowed: Vec<String> = structure
            .chain
            .iter()
            .filter_map(|link| model.record(link)?.stype.as_deref().map(names::stype))
            .collect();
        let allows = if allowed.is_empty() {
            "false".to_owned()
        } else {
            format!("matches!(stype, {})", allowed.join(" | "))
        };
        let argument = if allowed.is_empty() {
            "_stype"
        } else {
            "stype"
        };
        let _ = writeln!(
            text,
            "impl<'a> Structure<'a> for {typed} {{\n    const STYPE: StructureType = {};\n\n    fn allows({argument}: StructureType) -> bool {{\n        {allows}\n    }}\n\n    fn chain(&self) -> Chain<'a> {{\n        self.next\n    }}\n\n    fn with_chain(self, chain: Chain<'a>) -> Self {{\n        Self {{ next: chain, ..self }}\n    }}\n}}\n",
            names::stype(stype)
        );
        return;
    }
    let _ = writeln!(text, "impl<'a> Decode<'a> for {typed} {{");
    function(
        text,
        "fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
        &decode,
    );
    let _ = writeln!(text, "}}\n\nimpl Encode for {plain_typed} {{");
    function(text, "fn encode(&self, e: &mut Encoder)", &encode);
    let _ = writeln!(text, "}}\n\nimpl<'a> Partial<'a> for {typed} {{");
    function(
        text,
        "fn decode_partial(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
        &decode_partial,
    );
    function(
        text,
        "fn encode_partial(&self, e: &mut Encoder)",
        &encode_partial,
    );
    text.push_str("}\n\n");
}

fn function(text: &mut String, signature: &str, body: &str) {
    let signature = if body.contains("d.") || body.contains("(d)") || !signature.contains("d: &mut")
    {
        signature.to_owned()
    } else {
        signature.replace("d: &mut", "_d: &mut")
    };
    let signature = if body.contains("e.") || body.contains("(e)") || !signature.contains("e: &mut")
    {
        signature
    } else {
        signature.replace("e: &mut", "_e: &mut")
    };
    let _ = writeln!(text, "    {signature} {{\n{body}    }}\n");
}

fn decode_fields(model: &Model<'_>, structure: &Structure, partial: bool) -> String {
    let fields = &structure.fields;
    let mut body = String::new();
    let mut kept = Vec::new();
    for field in wire_order(structure) {
        let name = names::member_name(field, fields);
        if field.shape == Shape::Null {
            let _ = writeln!(body, "        d.null({:?})?;", what(&structure.name, field));
            continue;
        }
        let expression = if partial {
            decode_partial_member(model, &structure.name, field, fields)
        } else {
            Some(decode_member(
                model,
                &structure.name,
                field,
                fields,
                &|name| name.to_owned(),
            ))
        };
        if let Some(expression) = expression {
            let ty = annotation(&types::member_type(model, field));
            let _ = writeln!(body, "        let {name}{ty} = {expression};");
            if let (Some(selector), false) = (&field.selector, partial) {
                let selector = names::field_name(selector);
                let _ = writeln!(
                    body,
                    "        if {name}.tag() != Some({selector}) {{\n            return Err(ParseError::BadValue {{ what: {:?}, value: u64::from({selector}.0 as u32) }});\n        }}",
                    what(&structure.name, field)
                );
            }
            kept.push(name);
        }
    }
    let next = structure.stype.is_some();
    let complete = kept.len() == fields.iter().filter(|f| names::is_kept(f)).count();
    let mut parts = kept;
    if next && complete {
        parts.insert(0, "next: Chain::default()".to_owned());
    }
    let rest = if complete { "" } else { "..Self::default()" };
    let separator = if parts.is_empty() || rest.is_empty() {
        ""
    } else {
        ", "
    };
    if parts.is_empty() {
        body.push_str("        Ok(Self::default())\n");
    } else {
        let _ = writeln!(
            body,
            "        Ok(Self {{ {}{separator}{rest} }})",
            parts.join(", ")
        );
    }
    body
}

/// `: T` for a type that inference may need.
fn annotation(ty: &str) -> String {
    if ty.contains("CStr") {
        String::new()
    } else {
        format!(": {ty}")
    }
}

/// Fields as the wire has them: a length comes before its array, whatever the order in C.
fn wire_order(structure: &Structure) -> Vec<&Field> {
    let mut fields: Vec<&Field> = structure.fields.iter().collect();
    if special_cases::LENGTH_COMES_LAST.contains(&structure.name.as_str()) {
        fields.sort_by_key(|field| !field.is_length);
    }
    fields
}

fn what(owner: &str, field: &Field) -> String {
    format!("{}.{}", owner.trim_start_matches("Vk"), field.name)
}

fn decode_member(
    model: &Model<'_>,
    owner: &str,
    field: &Field,
    siblings: &[Field],
    at: &dyn Fn(&str) -> String,
) -> String {
    let what = what(owner, field);
    let optional = field.optional;
    match &field.shape {
        Shape::Value => "d.value()?".to_owned(),
        Shape::Fixed(lengths) if lengths.len() == 2 => format!("d.fixed2({what:?})?"),
        Shape::Fixed(_) => format!("d.fixed({what:?})?"),
        Shape::Pointer if optional => "d.optional_reference()?".to_owned(),
        Shape::Pointer => format!(
            "{{\n            d.required({what:?})?;\n            Some(d.reference()?)\n        }}"
        ),
        Shape::Array(len) => format!(
            "d.array({what:?}, {}, {optional})?",
            length(len, siblings, at)
        ),
        Shape::Bytes(len) => format!(
            "d.opaque({what:?}, {}, {optional})?",
            length(len, siblings, at)
        ),
        Shape::Text => format!("d.text({what:?}, {optional})?"),
        Shape::Texts(len) => format!(
            "d.texts({what:?}, {}, {optional})?",
            length(len, siblings, at)
        ),
        Shape::Nested(len, inner) => {
            let inner = match inner {
                Length::ThroughEach(pointer, through) => format!(
                    "|at| {}.get(at).map_or(0, |each| u64::from(each.{}))",
                    at(&names::field_name(pointer)),
                    names::field_name(through)
                ),
                other => format!("|_| {}", length(other, siblings, at)),
            };
            let _ = model;
            format!(
                "d.nested({what:?}, {}, {optional}, {inner})?",
                length(len, siblings, at)
            )
        }
        Shape::Null => format!("d.null({what:?})?"),
    }
}

fn decode_partial_member(
    model: &Model<'_>,
    owner: &str,
    field: &Field,
    siblings: &[Field],
) -> Option<String> {
    let what = what(owner, field);
    let at = |name: &str| name.to_owned();
    let record = matches!(field.ty, Type::Record(_));
    let _ = model;
    Some(match &field.shape {
        Shape::Value if field.is_length => "d.value()?".to_owned(),
        Shape::Value if record => "d.partial()?".to_owned(),
        Shape::Value => return None,
        Shape::Fixed(_) if record => format!("d.partial_fixed({what:?})?"),
        Shape::Fixed(_) if matches!(field.ty, Type::Handle(_)) => format!("d.fixed({what:?})?"),
        Shape::Fixed(_) => return None,
        Shape::Array(len) if record => {
            format!(
                "d.partial_array({what:?}, {}, {})?",
                length(len, siblings, &at),
                field.optional
            )
        }
        Shape::Array(len) | Shape::Bytes(len) => {
            format!(
                "d.zeroed({what:?}, {}, {})?",
                length(len, siblings, &at),
                field.optional
            )
        }
        _ => decode_member(model, owner, field, siblings, &at),
    })
}

fn encode_fields(model: &Model<'_>, structure: &Structure, partial: bool) -> String {
    let mut body = String::new();
    for field in wire_order(structure) {
        let value = format!("self.{}", names::member_name(field, &structure.fields));
        let statement = if partial {
            encode_partial_member(field, &value)
        } else {
            Some(encode_member(field, &value))
        };
        if let Some(statement) = statement {
            let _ = writeln!(body, "        {statement};");
        }
    }
    let _ = model;
    body
}

fn encode_member(field: &Field, value: &str) -> String {
    match &field.shape {
        Shape::Value => format!("{value}.encode(e)"),
        Shape::Fixed(lengths) if lengths.len() == 2 => format!("e.fixed2(&{value})"),
        Shape::Fixed(_) => format!("e.array(&{value})"),
        Shape::Pointer => format!("e.reference({value})"),
        Shape::Array(_) | Shape::Bytes(_) => format!("e.array({value})"),
        Shape::Text => format!("e.text({value})"),
        Shape::Texts(_) => format!("e.texts({value})"),
        Shape::Nested(..) => format!("e.nested({value})"),
        Shape::Null => "e.pointer(false)".to_owned(),
    }
}

fn encode_partial_member(field: &Field, value: &str) -> Option<String> {
    let record = matches!(field.ty, Type::Record(_));
    Some(match &field.shape {
        Shape::Value if field.is_length => format!("{value}.encode(e)"),
        Shape::Value if record => format!("{value}.encode_partial(e)"),
        Shape::Value => return None,
        Shape::Fixed(_) if record => format!("e.partial_array(&{value})"),
        Shape::Fixed(_) if matches!(field.ty, Type::Handle(_)) => format!("e.array(&{value})"),
        Shape::Fixed(_) => return None,
        Shape::Array(_) if record => format!("e.partial_array({value})"),
        Shape::Array(_) | Shape::Bytes(_) => format!("e.room({value}.len())"),
        _ => encode_member(field, value),
    })
}

fn union(text: &mut String, model: &Model<'_>, structure: &Structure) {
    let rust = names::type_name(&structure.name);
    let typed = format!("{rust}{}", model.lifetime(structure, "'a"));
    let elided = if names::borrows(structure, &model.protocol.records) {
        format!("{rust}<'_>")
    } else {
        rust.clone()
    };
    let selector = structure
        .fields
        .iter()
        .find_map(|field| selector_enum(model, field));
    let (mut decode, mut encode, mut tags) = (String::new(), String::new(), String::new());
    for (index, field) in structure.fields.iter().enumerate() {
        for (variant, tag) in types::variants(field, index) {
            let number = model.tag_value(&tag);
            if field.shape == Shape::Null {
                let _ = writeln!(
                    decode,
                    "            {number} => {{\n                d.null({:?})?;\n                Self::{variant}\n            }}",
                    what(&structure.name, field)
                );
                let _ = writeln!(
                    encode,
                    "            Self::{variant} => {{\n                e.i32({number});\n                e.pointer(false);\n            }}"
                );
                continue;
            }
            let expression =
                decode_member(model, &structure.name, field, &structure.fields, &|n| {
                    n.to_owned()
                });
            let _ = writeln!(
                decode,
                "            {number} => Self::{variant}({expression}),"
            );
            let by_value = matches!(field.shape, Shape::Value | Shape::Fixed(_));
            let value = if by_value { "value" } else { "*value" };
            let statement = encode_member(field, value).replace("(&value)", "(value)");
            let _ = writeln!(
                encode,
                "            Self::{variant}(value) => {{\n                e.i32({number});\n                {statement};\n            }}"
            );
            let _ = writeln!(tags, "            Self::{variant}(_) => {number},");
        }
    }
    let _ = writeln!(
        text,
        "impl<'a> Decode<'a> for {typed} {{\n    fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {{\n        Ok(match d.i32()? {{\n{decode}            other => return Err(ParseError::BadValue {{ what: {rust:?}, value: u64::from(other as u32) }}),\n        }})\n    }}\n}}\n"
    );
    let _ = writeln!(
        text,
        "impl Encode for {elided} {{\n    fn encode(&self, e: &mut Encoder) {{\n        match self {{\n{encode}        }}\n    }}\n}}\n"
    );
    let _ = writeln!(
        text,
        "impl<'a> Partial<'a> for {typed} {{\n    fn decode_partial(d: &mut Decoder<'a>) -> Result<Self, ParseError> {{\n        Self::decode(d)\n    }}\n\n    fn encode_partial(&self, e: &mut Encoder) {{\n        self.encode(e);\n    }}\n}}\n"
    );
    if let Some(selector) = selector {
        let _ = writeln!(
            text,
            "impl Tagged for {elided} {{\n    type Tag = {selector};\n\n    fn tag(&self) -> Option<{selector}> {{\n        Some({selector}(match self {{\n{tags}        }}))\n    }}\n}}\n"
        );
    }
}

/// The enumeration whose values choose a union's member.
fn selector_enum(model: &Model<'_>, field: &Field) -> Option<String> {
    let value = field.selection.first()?;
    model
        .registry
        .enums
        .iter()
        .find(|(_, values)| values.values.iter().any(|(name, _)| name == value))
        .map(|(name, _)| names::type_name(name))
}

fn request(text: &mut String, model: &Model<'_>, command: &Command) {
    let rust = names::type_name(&command.name);
    let typed = if types::request_borrows(model, command) {
        format!("{rust}<'a>")
    } else {
        rust.clone()
    };
    let (mut decode, mut encode, mut kept) = (String::new(), String::new(), Vec::new());
    for field in &command.params {
        let name = names::member_name(field, &command.params);
        let param = types::param(model, field, &command.params);
        let (take, put) = argument(model, command, field);
        match param {
            Some((name, ty)) => {
                let _ = writeln!(decode, "        let {name}{} = {take};", annotation(&ty));
                kept.push(name);
            }
            None => {
                let _ = writeln!(decode, "        {take};");
            }
        }
        let _ = writeln!(encode, "        {put};");
        let _ = name;
    }
    let _ = writeln!(decode, "        Ok(Self {{ {} }})", kept.join(", "));
    let _ = writeln!(text, "impl<'a> WireRequest<'a> for {typed} {{");
    if command.is_recorded() {
        text.push_str("    #[inline]\n");
    }
    function(
        text,
        "fn decode_arguments(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
        &decode,
    );
    function(text, "fn encode_arguments(&self, e: &mut Encoder)", &encode);
    text.push_str("}\n\n");
}

/// Expression that takes, and statement that puts, one parameter of a request.
fn argument(model: &Model<'_>, command: &Command, field: &Field) -> (String, String) {
    let siblings = &command.params;
    let owner = command.name.trim_start_matches("vk");
    let what = what(owner, field);
    let name = names::member_name(field, siblings);
    let value = format!("self.{name}");
    let at = |name: &str| name.to_owned();
    let optional = field.optional;
    if !is_out(field) {
        return match &field.shape {
            Shape::Pointer if !optional => (
                format!(
                    "{{\n            d.required({what:?})?;\n            d.reference()?\n        }}"
                ),
                format!("e.reference(Some({value}))"),
            ),
            _ => (
                decode_member(model, owner, field, siblings, &at),
                encode_member(field, &value),
            ),
        };
    }
    let len = match &field.shape {
        Shape::Array(len) | Shape::Bytes(len) => length(len, siblings, &at),
        _ => String::new(),
    };
    let plain = model.is_plain(&field.ty);
    match (&field.shape, &field.ty) {
        (Shape::Pointer, Type::Handle(_)) => (
            format!("{{\n            d.required({what:?})?;\n            d.value()?\n        }}"),
            format!("e.reference(Some(&{value}))"),
        ),
        (Shape::Pointer, Type::Record(_)) if !plain => (
            format!("d.partial_reference({what:?})?"),
            format!("e.partial_reference({value})"),
        ),
        (Shape::Pointer, Type::Record(inner)) => {
            let inner = names::type_name(inner);
            (
                format!("d.partial_reference::<{inner}>({what:?})?"),
                format!("e.partial_reference(&{inner}::default())"),
            )
        }
        (Shape::Pointer, _) if is_count(field) => (
            format!("{{\n            d.required({what:?})?;\n            d.value()?\n        }}"),
            format!("e.reference(Some(&{value}))"),
        ),
        (Shape::Pointer, _) => (
            format!("d.required({what:?})?"),
            "e.pointer(true)".to_owned(),
        ),
        (Shape::Array(_), Type::Handle(_)) => (
            format!("d.array({what:?}, {len}, {optional})?"),
            format!("e.array({value})"),
        ),
        (Shape::Array(_), Type::Record(_)) if !plain => (
            format!("d.partial_array({what:?}, {len}, {optional})?"),
            format!("e.partial_array({value})"),
        ),
        (Shape::Array(_), Type::Record(inner)) => {
            let inner = names::type_name(inner);
            (
                format!("d.partial_array::<{inner}>({what:?}, {len}, {optional})?.len()"),
                format!("e.partial_array(&vec![{inner}::default(); {value}_room])"),
            )
        }
        (Shape::Bytes(_), _) => (
            format!("d.byte_room({what:?}, {len}, {optional})?"),
            format!("e.room({value}_room)"),
        ),
        _ => (
            format!("d.room({what:?}, {len}, {optional})?"),
            format!("e.room({value}_room)"),
        ),
    }
}

fn reply(text: &mut String, model: &Model<'_>, command: &Command) {
    let rust = names::type_name(&command.name);
    let typed = if types::reply_borrows(model, command) {
        format!("{rust}Reply<'a>")
    } else {
        format!("{rust}Reply")
    };
    let mut decode = format!("        d.reply_of({rust}::ID)?;\n");
    let mut encode = format!("        e.u32({rust}::ID);\n");
    let mut kept = Vec::new();
    if command.ret.is_some() {
        decode.push_str("        let ret = d.value()?;\n");
        encode.push_str("        self.ret.encode(e);\n");
        kept.push("ret".to_owned());
    }
    for field in &command.params {
        let Some((name, _)) = types::reply_param(model, field, &command.params) else {
            continue;
        };
        let owner = command.name.trim_start_matches("vk");
        let what = what(owner, field);
        let non_plain = matches!(field.ty, Type::Record(_)) && !model.is_plain(&field.ty);
        let (take, put) = match &field.shape {
            Shape::Pointer if non_plain => (
                format!(
                    "{{\n            d.required({what:?})?;\n            d.reference()?\n        }}"
                ),
                format!("e.reference(Some(self.{name}))"),
            ),
            Shape::Pointer => (
                format!(
                    "{{\n            d.required({what:?})?;\n            d.value()?\n        }}"
                ),
                format!("e.reference(Some(&self.{name}))"),
            ),
            _ => (
                format!("d.counted({what:?})?"),
                format!("e.array(self.{name})"),
            ),
        };
        let _ = writeln!(decode, "        let {name} = {take};");
        let _ = writeln!(encode, "        {put};");
        kept.push(name);
    }
    let _ = writeln!(decode, "        Ok(Self {{ {} }})", kept.join(", "));
    let _ = writeln!(
        text,
        "impl<'a> WireReply<'a> for {typed} {{\n    const ID: u32 = {rust}::ID;\n"
    );
    function(
        text,
        "fn decode_reply(d: &mut Decoder<'a>) -> Result<Self, ParseError>",
        &decode,
    );
    function(text, "fn encode_reply(&self, e: &mut Encoder)", &encode);
    text.push_str("}\n\n");
}
