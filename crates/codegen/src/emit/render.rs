//! `render-venus`: which commands are regular, and where the others are handled.

use std::fmt::Write as _;

use super::{File, HEADER, Model, is_out, names, types};
use crate::resolve::{Command, Shape, Type};
use crate::special_cases;

const PATH: &str = "crates/render-venus/src/generated.rs";

/// How a command is carried out that is called as it is.
const REGULAR: &str = "s.regular(flags, &c)";

/// The dispatch: one line a command.
pub fn emit(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}//! One line a command: regular ones are called as they are, the others by hand.\n\nuse vulkan_types as t;\nuse vulkan_types::{{ObjectType as O, Request}};\nuse wire_venus::{{Decoder, WireRequest}};\n\nuse crate::scope::Scope;\nuse crate::*;\n\n/// Takes a command's arguments and carries it out; answers when `flags` ask for that.\npub(crate) fn dispatch<'a>(s: &Scope<'a>, command: u32, flags: u32, d: &mut Decoder<'a>) -> Result<(), Fatal> {{\n    match command {{\n"
    );
    for command in &model.protocol.commands {
        let rust = names::type_name(&command.name);
        let lifetime = if types::request_borrows(model, command) {
            "<'a>"
        } else {
            ""
        };
        let line = line(command);
        let _ = if command.is_recorded() && line == REGULAR {
            writeln!(
                text,
                "        t::{rust}::ID => s.record::<t::{rust}{lifetime}>(flags, d),"
            )
        } else {
            writeln!(
                text,
                "        t::{rust}::ID => {{\n            let c = decode::<t::{rust}{lifetime}>(d)?;\n            {line}\n        }}"
            )
        };
    }
    text.push_str("        value => Err(Fatal::Malformed {\n            command: Some(value),\n            error: wire::ParseError::BadValue { what: \"command\", value: value.into() },\n        }),\n    }\n}\n\n/// A command's arguments.\n#[inline]\npub(crate) fn decode<'a, C: WireRequest<'a>>(d: &mut Decoder<'a>) -> Result<C, Fatal> {\n    C::decode_arguments(d).map_err(|error| Fatal::Malformed { command: Some(C::ID), error })\n}\n");
    File {
        path: PATH.to_owned(),
        text,
    }
}

fn line(command: &Command) -> String {
    if let Some((_, module)) = special_cases::HAND_WRITTEN
        .iter()
        .find(|(name, _)| *name == command.name)
    {
        let function = names::snake(&names::type_name(command.name.trim_end_matches("MESA")));
        return format!("s.answer(flags, &{module}::{function}(s, &c)?)");
    }
    if command.name.starts_with("vkDestroy")
        && let Some(field) = command
            .params
            .iter()
            .rev()
            .find(|field| matches!(field.ty, Type::Handle(_)))
        && let Type::Handle(handle) = &field.ty
    {
        let kind = names::snake(&names::type_name(handle)).to_uppercase();
        return format!(
            "s.destroy(flags, &c, O::{kind}, c.{}.0)",
            names::field_name(&field.name)
        );
    }
    let creates = command.name.starts_with("vkCreate");
    let out = command
        .params
        .iter()
        .find(|field| creates && is_out(field) && matches!(field.ty, Type::Handle(_)));
    if let Some(field) = out
        && let Type::Handle(handle) = &field.ty
    {
        let kind = names::snake(&names::type_name(handle)).to_uppercase();
        let name = names::field_name(&field.name);
        return match field.shape {
            Shape::Pointer => format!("s.create(flags, &c, O::{kind}, &[c.{name}])"),
            _ => format!("s.create(flags, &c, O::{kind}, c.{name})"),
        };
    }
    REGULAR.to_owned()
}
