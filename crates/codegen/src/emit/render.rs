//! `render-venus`: which commands are regular, and where the others are handled.

use std::fmt::Write as _;

use super::{File, HEADER, Model, is_out, names};
use crate::resolve::{Command, Shape, Type};
use crate::special_cases;

const PATH: &str = "crates/render-venus/src/generated.rs";

/// The dispatch: one line a command.
pub fn emit(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}//! One line a command: regular ones are called as they are, the others by hand.\n\nuse vulkan_types::Command as C;\nuse vulkan_types::ObjectType as O;\n\nuse crate::scope::Scope;\nuse crate::*;\n\n/// Carries a command out, and answers it when `flags` ask for that.\npub(crate) fn dispatch<'a>(s: &Scope<'a>, command: C<'a>, flags: u32) -> Result<(), Fatal> {{\n    match command {{\n"
    );
    for command in &model.protocol.commands {
        let rust = names::type_name(&command.name);
        let _ = writeln!(text, "        C::{rust}(c) => {},", line(command));
    }
    text.push_str("    }\n}\n");
    File { path: PATH.to_owned(), text }
}

fn line(command: &Command) -> String {
    if let Some((_, module)) = special_cases::HAND_WRITTEN.iter().find(|(name, _)| *name == command.name) {
        let function = names::snake(&names::type_name(command.name.trim_end_matches("MESA")));
        return format!("s.answer(flags, &{module}::{function}(s, &c)?)");
    }
    if command.name.starts_with("vkDestroy")
        && let Some(field) = command.params.iter().rev().find(|field| matches!(field.ty, Type::Handle(_)))
        && let Type::Handle(handle) = &field.ty
    {
        let kind = names::snake(&names::type_name(handle)).to_uppercase();
        return format!("s.destroy(flags, &c, O::{kind}, c.{}.0)", names::field_name(&field.name));
    }
    let creates = command.name.starts_with("vkCreate");
    let out = command.params.iter().find(|field| creates && is_out(field) && matches!(field.ty, Type::Handle(_)));
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
    "s.regular(flags, &c)".to_owned()
}
