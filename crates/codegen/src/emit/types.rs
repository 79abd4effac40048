//! `vulkan-types`: structures and commands as borrowed Rust values.

use std::fmt::Write as _;

use super::{File, HEADER, Model, is_count, is_out, module_file, names};
use crate::resolve::{Command, Field, Shape, Structure, Type};

const DIR: &str = "crates/vulkan-types/src/generated";

/// Every file of the crate's generated folder.
pub fn emit(model: &Model<'_>) -> Vec<File> {
    let mut files = vec![
        enums(model),
        flags(model),
        handles(model),
        extension(model),
        command(model),
        formats(model),
    ];
    let mut modules: Vec<String> = [
        "enums",
        "flags",
        "handles",
        "extension",
        "command",
        "formats",
    ]
    .map(String::from)
    .into();
    let objects: std::collections::BTreeSet<_> = model
        .structures
        .keys()
        .chain(model.commands.keys())
        .cloned()
        .collect();
    for object in objects {
        let mut text = format!(
            "{HEADER}use std::ffi::CStr;\n\nuse super::*;\nuse crate::{{Chain, Link, Request}};\n\n"
        );
        for structure in model.structures.get(&object).into_iter().flatten() {
            record(&mut text, model, structure);
        }
        for command in model.commands.get(&object).into_iter().flatten() {
            request(&mut text, model, command);
            reply(&mut text, model, command);
        }
        let unused = if text.contains("&'a CStr") {
            text
        } else {
            text.replace("use std::ffi::CStr;\n\n", "")
        };
        let mut text = unused;
        for (name, used) in [
            ("Link", "impl<'a> Link"),
            ("Request", "Request for"),
            ("Chain", "Chain<'a>"),
        ] {
            if !text.contains(used) {
                text = text
                    .replacen(&format!("{name}, "), "", 1)
                    .replacen(&format!(", {name}}}"), "}", 1)
                    .replacen(&format!("{{{name}}}"), "{}", 1);
            }
        }
        text = text.replace("use crate::{};\n", "");
        files.push(File {
            path: format!("{DIR}/{object}.rs"),
            text,
        });
        modules.push(object);
    }
    modules.sort();
    files.push(module_file(
        DIR,
        "Vulkan as the Venus protocol carries it.",
        &modules,
        &constants(model),
    ));
    files
}

fn constants(model: &Model<'_>) -> String {
    format!(
        "\n/// `VK_HEADER_VERSION` of the registry that this was generated from.\npub const HEADER_VERSION: u32 = {};\n",
        model.protocol.header_version
    )
}

fn enums(model: &Model<'_>) -> File {
    let mut text = HEADER.to_owned();
    for name in &model.protocol.enums {
        let Some(values) = model.registry.enums.get(name) else {
            continue;
        };
        if values.bitmask {
            continue;
        }
        let rust = names::type_name(name);
        let _ = writeln!(text, "enumeration! {{\n    /// `{name}`.\n    {rust} {{");
        let mut seen = std::collections::BTreeSet::new();
        for (value_name, value) in &values.values {
            let short = names::constant_name(name, value_name);
            if seen.insert(short.clone()) {
                let _ = writeln!(text, "        {short} = {value},");
            }
        }
        let _ = writeln!(
            text,
            "    }}\n    known {}\n}}\n",
            ranges(values.values.iter().map(|v| v.1))
        );
    }
    File {
        path: format!("{DIR}/enums.rs"),
        text,
    }
}

/// `1..=3 | 7..=7` for a set of values.
fn ranges(values: impl Iterator<Item = i64>) -> String {
    let mut sorted: Vec<i64> = values.collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == value => *end = value,
            _ => runs.push((value, value)),
        }
    }
    if runs.is_empty() {
        return "i32::MAX..=i32::MAX".to_owned();
    }
    runs.iter()
        .map(|(start, end)| format!("{start}..={end}"))
        .collect::<Vec<_>>()
        .join(" | ")
}

fn flags(model: &Model<'_>) -> File {
    let mut text = HEADER.to_owned();
    for (name, wide) in &model.protocol.flags {
        let width = if *wide { "u64" } else { "u32" };
        let rust = names::type_name(name);
        let bits = model
            .registry
            .bitmasks
            .get(name)
            .and_then(|mask| mask.bits.as_deref());
        let bits = bits.map(|bits| model.registry.canonical(bits));
        let _ = writeln!(text, "flags! {{\n    /// `{name}`.\n    {rust}: {width} {{");
        let values = bits.and_then(|bits| Some((bits, model.registry.enums.get(bits)?)));
        let mut seen = std::collections::BTreeSet::new();
        for (value_name, value) in values.iter().flat_map(|(_, v)| &v.values) {
            let short = names::constant_name(bits.unwrap_or_default(), value_name);
            let value = if *wide {
                *value as u64
            } else {
                u64::from(*value as u32)
            };
            if seen.insert(short.clone()) {
                let _ = writeln!(text, "        {short} = {value:#x},");
            }
        }
        text.push_str("    }\n}\n\n");
    }
    File {
        path: format!("{DIR}/flags.rs"),
        text,
    }
}

fn handles(model: &Model<'_>) -> File {
    let mut text = format!("{HEADER}use super::ObjectType;\n\n");
    for name in &model.protocol.handles {
        let rust = names::id_name(name);
        let object = names::snake(&names::type_name(name)).to_uppercase();
        let _ = writeln!(
            text,
            "handle! {{\n    /// The guest's name for a `{name}`.\n    {rust} = ObjectType::{object}\n}}\n"
        );
    }
    File {
        path: format!("{DIR}/handles.rs"),
        text,
    }
}

fn extension(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use super::*;\n\n/// A structure in a `pNext` chain.\n#[derive(Clone, Copy, Debug)]\npub enum Extension<'a> {{\n"
    );
    let links: Vec<_> = model
        .protocol
        .records
        .values()
        .filter(|record| record.link)
        .collect();
    for link in &links {
        let rust = names::type_name(&link.name);
        let _ = writeln!(text, "    {rust}(&'a {rust}<'a>),");
    }
    text.push_str("}\n\nimpl Extension<'_> {\n    /// `sType` of the structure.\n    pub fn stype(&self) -> StructureType {\n        match self {\n");
    for link in &links {
        let stype = link.stype.as_deref().map(names::stype).unwrap_or_default();
        let _ = writeln!(
            text,
            "            Self::{}(_) => {stype},",
            names::type_name(&link.name)
        );
    }
    text.push_str("        }\n    }\n}\n");
    File {
        path: format!("{DIR}/extension.rs"),
        text,
    }
}

fn command(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use super::*;\nuse crate::Request;\n\n/// A command of the protocol.\n#[derive(Clone, Copy, Debug)]\npub enum Command<'a> {{\n"
    );
    for command in &model.protocol.commands {
        let rust = names::type_name(&command.name);
        let lifetime = if request_borrows(model, command) {
            "<'a>"
        } else {
            ""
        };
        let _ = writeln!(text, "    {rust}({rust}{lifetime}),");
    }
    text.push_str("}\n\nimpl Command<'_> {\n    /// Its name in the registry.\n    pub fn name(&self) -> &'static str {\n        match self {\n");
    for command in &model.protocol.commands {
        let rust = names::type_name(&command.name);
        let _ = writeln!(text, "            Self::{rust}(_) => {rust}::NAME,");
    }
    text.push_str("        }\n    }\n}\n\n/// An extension that the protocol carries.\n#[derive(Clone, Copy, Debug)]\npub struct CarriedExtension {\n    /// `VK_…` name.\n    pub name: &'static str,\n    /// Number in the registry.\n    pub number: u32,\n    /// The version that the protocol was made from.\n    pub spec_version: u32,\n    /// True for an instance extension.\n    pub instance: bool,\n}\n\n/// The extensions of the protocol, by name.\npub const EXTENSIONS: &[CarriedExtension] = &[\n");
    for extension in &model.protocol.extensions {
        let _ = writeln!(
            text,
            "    CarriedExtension {{ name: {:?}, number: {}, spec_version: {}, instance: {} }},",
            extension.name, extension.number, extension.spec_version, extension.instance
        );
    }
    text.push_str("];\n");
    File {
        path: format!("{DIR}/command.rs"),
        text,
    }
}

fn formats(model: &Model<'_>) -> File {
    let constant = |name: &str| format!("Format::{}", names::constant_name("VkFormat", name));
    let mut text = format!(
        "{HEADER}use super::Format;\nuse crate::TexelBlock;\n\nimpl Format {{\n    /// The texel block of a format without memory planes, as the registry has it.\n    pub(crate) const fn registered_block(self) -> Option<TexelBlock> {{\n        let (bytes, extent, depth, stencil) = match self {{\n"
    );
    for (name, format) in model
        .registry
        .formats
        .iter()
        .filter(|(_, format)| format.planes.is_empty())
    {
        let [depth, stencil] = format.depth_stencil;
        let _ = writeln!(
            text,
            "            {} => ({}, {:?}, {depth}, {stencil}),",
            constant(name),
            format.block_size,
            format.extent
        );
    }
    text.push_str("            _ => return None,\n        };\n        Some(TexelBlock { bytes, extent, depth_bits: depth, stencil_bits: stencil })\n    }\n\n    /// The formats that the memory planes are compatible with; empty for a format without planes.\n    pub const fn planes(self) -> &'static [Format] {\n        match self {\n");
    for (name, format) in model
        .registry
        .formats
        .iter()
        .filter(|(_, format)| !format.planes.is_empty())
    {
        let planes: Vec<String> = format.planes.iter().map(|plane| constant(plane)).collect();
        let _ = writeln!(
            text,
            "            {} => &[{}],",
            constant(name),
            planes.join(", ")
        );
    }
    text.push_str("            _ => &[],\n        }\n    }\n}\n");
    File {
        path: format!("{DIR}/formats.rs"),
        text,
    }
}

fn record(text: &mut String, model: &Model<'_>, structure: &Structure) {
    let rust = names::type_name(&structure.name);
    let lifetime = model.lifetime(structure, "'a");
    if structure.union {
        return union(text, model, structure);
    }
    let layout = if structure.plain { "#[repr(C)]\n" } else { "" };
    let default = if structure
        .fields
        .iter()
        .any(|f| has_no_default(f, &names_fixed(model, f)))
    {
        ""
    } else {
        ", Default"
    };
    let _ = writeln!(
        text,
        "/// `{}`.\n{layout}#[derive(Clone, Copy, Debug{default})]\npub struct {rust}{lifetime} {{",
        structure.name
    );
    if structure.stype.is_some() {
        text.push_str("    /// `pNext`.\n    pub next: Chain<'a>,\n");
    }
    for field in structure
        .fields
        .iter()
        .filter(|field| names::is_kept(field))
    {
        let name = names::member_name(field, &structure.fields);
        let _ = writeln!(text, "    pub {name}: {},", member_type(model, field));
    }
    text.push_str("}\n\n");
    if default.is_empty() {
        default_impl(text, structure, &rust, &lifetime);
    }
    if structure.link {
        let _ = writeln!(
            text,
            "impl<'a> Link<'a> for {rust}<'a> {{\n    fn of(extension: &Extension<'a>) -> Option<&'a Self> {{\n        match extension {{\n            Extension::{rust}(link) => Some(link),\n            _ => None,\n        }}\n    }}\n}}\n"
        );
    }
}

fn names_fixed(model: &Model<'_>, field: &Field) -> Vec<u64> {
    match &field.shape {
        Shape::Fixed(lengths) => lengths
            .iter()
            .filter_map(|length| {
                names::fixed_length(length, &model.registry.constants)
                    .parse()
                    .ok()
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// `Default` is derived for arrays of up to 32 elements only.
fn has_no_default(_field: &Field, lengths: &[u64]) -> bool {
    lengths.iter().any(|length| *length > 32)
}

fn default_impl(text: &mut String, structure: &Structure, rust: &str, lifetime: &str) {
    let lifetime = if lifetime.is_empty() { "" } else { "<'_>" };
    let _ = writeln!(
        text,
        "impl Default for {rust}{lifetime} {{\n    fn default() -> Self {{\n        Self {{"
    );
    if structure.stype.is_some() {
        text.push_str("            next: Chain::default(),\n");
    }
    for field in structure
        .fields
        .iter()
        .filter(|field| names::is_kept(field))
    {
        let name = names::member_name(field, &structure.fields);
        let value = match &field.shape {
            Shape::Fixed(_) if matches!(field.ty, Type::Scalar(_)) => "[0; _]".to_owned(),
            Shape::Fixed(_) => "[Default::default(); _]".to_owned(),
            _ => "Default::default()".to_owned(),
        };
        let _ = writeln!(text, "            {name}: {value},");
    }
    text.push_str("        }\n    }\n}\n\n");
}

fn union(text: &mut String, model: &Model<'_>, structure: &Structure) {
    let rust = names::type_name(&structure.name);
    let lifetime = model.lifetime(structure, "'a");
    let _ = writeln!(
        text,
        "/// `{}`.\n#[derive(Clone, Copy, Debug)]\npub enum {rust}{lifetime} {{",
        structure.name
    );
    for (index, field) in structure.fields.iter().enumerate() {
        for (variant, _) in variants(field, index) {
            let held = match field.shape {
                Shape::Null => String::new(),
                _ => format!("({})", member_type(model, field)),
            };
            let _ = writeln!(text, "    {variant}{held},");
        }
    }
    text.push_str("}\n\n");
    let Some(first) = structure.fields.first() else {
        return;
    };
    let Some((variant, _)) = variants(first, 0).into_iter().next() else {
        return;
    };
    let elided = if lifetime.is_empty() { "" } else { "<'_>" };
    let _ = writeln!(
        text,
        "impl Default for {rust}{elided} {{\n    fn default() -> Self {{\n        Self::{variant}(Default::default())\n    }}\n}}\n"
    );
}

/// The Rust variants of a union member and their tags on the wire: one for each selector
/// value, or one by the member's index.
pub fn variants(field: &Field, index: usize) -> Vec<(String, String)> {
    if field.selection.is_empty() {
        return vec![(pascal(&names::field_name(&field.name)), index.to_string())];
    }
    field
        .selection
        .iter()
        .map(|value| {
            let words = value.trim_start_matches("VK_").to_lowercase();
            (pascal(&words), value.clone())
        })
        .collect()
}

fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or(String::new(), |first| {
                first.to_uppercase().chain(chars).collect()
            })
        })
        .collect()
}

/// The Rust type of a structure's member.
pub fn member_type(model: &Model<'_>, field: &Field) -> String {
    let element = model.element(&field.ty, "'a");
    match &field.shape {
        Shape::Value => element,
        Shape::Fixed(lengths) => model.fixed(&element, lengths),
        Shape::Pointer => format!("Option<&'a {element}>"),
        Shape::Array(_) => format!("&'a [{element}]"),
        Shape::Nested(..) => format!("&'a [&'a [{element}]]"),
        Shape::Text => "Option<&'a CStr>".to_owned(),
        Shape::Texts(_) => "&'a [&'a CStr]".to_owned(),
        Shape::Bytes(_) => "&'a [u8]".to_owned(),
        Shape::Null => "()".to_owned(),
    }
}

/// The Rust name and type of what a request keeps of a parameter; none when nothing.
pub fn param(model: &Model<'_>, field: &Field, siblings: &[Field]) -> Option<(String, String)> {
    let name = names::member_name(field, siblings);
    let element = model.element(&field.ty, "'a");
    if !is_out(field) {
        let ty = match &field.shape {
            Shape::Null => return None,
            Shape::Pointer if !field.optional => format!("&'a {element}"),
            _ => member_type(model, field),
        };
        return Some((name, ty));
    }
    let ty = match (&field.shape, &field.ty) {
        (Shape::Pointer, Type::Handle(_)) => element,
        (Shape::Pointer, Type::Record(_)) if !model.is_plain(&field.ty) => format!("&'a {element}"),
        (Shape::Pointer, _) if is_count(field) => element,
        (Shape::Pointer, _) => return None,
        (Shape::Array(_), Type::Handle(_)) => format!("&'a [{element}]"),
        (Shape::Array(_), Type::Record(_)) if !model.is_plain(&field.ty) => {
            format!("&'a [{element}]")
        }
        _ => return Some((format!("{name}_room"), "usize".to_owned())),
    };
    Some((name, ty))
}

/// The Rust name and type of what a reply says of a parameter; none for an input.
pub fn reply_param(
    model: &Model<'_>,
    field: &Field,
    siblings: &[Field],
) -> Option<(String, String)> {
    if !is_out(field) {
        return None;
    }
    let element = model.element(&field.ty, "'a");
    let ty = match (&field.shape, &field.ty) {
        (Shape::Pointer, Type::Record(_)) if !model.is_plain(&field.ty) => format!("&'a {element}"),
        (Shape::Pointer, _) => element,
        (Shape::Array(_), _) => format!("&'a [{element}]"),
        _ => "&'a [u8]".to_owned(),
    };
    Some((names::member_name(field, siblings), ty))
}

/// True when the request's Rust type has a lifetime.
pub fn request_borrows(model: &Model<'_>, command: &Command) -> bool {
    command
        .params
        .iter()
        .filter_map(|field| param(model, field, &command.params))
        .any(|(_, ty)| ty.contains("'a"))
}

/// True when the reply's Rust type has a lifetime.
pub fn reply_borrows(model: &Model<'_>, command: &Command) -> bool {
    command
        .params
        .iter()
        .filter_map(|field| reply_param(model, field, &command.params))
        .any(|(_, ty)| ty.contains("'a"))
}

fn request(text: &mut String, model: &Model<'_>, command: &Command) {
    let rust = names::type_name(&command.name);
    let lifetime = if request_borrows(model, command) {
        "<'a>"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "/// `{}`.\n#[derive(Clone, Copy, Debug)]\npub struct {rust}{lifetime} {{",
        command.name
    );
    for field in &command.params {
        if let Some((name, ty)) = param(model, field, &command.params) {
            let _ = writeln!(text, "    pub {name}: {ty},");
        }
    }
    text.push_str("}\n\n");
    let elided = if lifetime.is_empty() { "" } else { "<'_>" };
    let reply_lifetime = if reply_borrows(model, command) {
        "<'r>"
    } else {
        ""
    };
    let object = match command.params.first() {
        Some(field) if matches!(field.ty, Type::Handle(_)) && field.shape == Shape::Value => {
            format!(
                "Some((self.{0}.object_type(), self.{0}.0))",
                names::field_name(&field.name)
            )
        }
        _ => "None".to_owned(),
    };
    let _ = writeln!(
        text,
        "impl Request for {rust}{elided} {{\n    const ID: u32 = {};\n    const NAME: &'static str = {:?};\n    type Reply<'r> = {rust}Reply{reply_lifetime};\n\n    fn object(&self) -> Option<(ObjectType, u64)> {{\n        {object}\n    }}\n}}\n",
        command.id, command.name
    );
}

fn reply(text: &mut String, model: &Model<'_>, command: &Command) {
    let rust = names::type_name(&command.name);
    let lifetime = if reply_borrows(model, command) {
        "<'a>"
    } else {
        ""
    };
    let empty = command.ret.is_none() && !command.params.iter().any(is_out);
    let default = if empty { ", Default" } else { "" };
    let _ = writeln!(
        text,
        "/// What `{}` answers.\n#[derive(Clone, Copy, Debug{default})]\npub struct {rust}Reply{lifetime} {{",
        command.name
    );
    if let Some(ret) = &command.ret {
        let _ = writeln!(text, "    pub ret: {},", model.element(ret, "'a"));
    }
    for field in &command.params {
        if let Some((name, ty)) = reply_param(model, field, &command.params) {
            let _ = writeln!(text, "    pub {name}: {ty},");
        }
    }
    text.push_str("}\n\n");
}
