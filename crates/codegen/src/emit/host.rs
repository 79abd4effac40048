//! `host-vulkan`: C layouts, lowering into them, lifting out of them, and the calls.

use std::fmt::Write as _;

use super::{File, HEADER, Model, is_count, is_out, length, module_file, names, types};
use crate::resolve::{Command, Field, Length, Shape, Structure, Type};

const DIR: &str = "crates/host-vulkan/src/generated";

/// Every file of the crate's generated folder.
pub fn emit(model: &Model<'_>) -> Vec<File> {
    let mut files = vec![functions(model), chain(model)];
    let mut modules: Vec<String> = vec!["functions".into(), "chain".into()];
    let objects: std::collections::BTreeSet<_> = model
        .structures
        .keys()
        .chain(model.commands.keys())
        .cloned()
        .collect();
    for object in objects {
        let mut text = format!(
            "{HEADER}use std::ffi::{{c_char, c_void}};\nuse std::ptr::null;\n\nuse bumpalo::Bump;\nuse vulkan_types as t;\n\nuse super::*;\nuse crate::lower::*;\n\n"
        );
        for structure in model.structures.get(&object).into_iter().flatten() {
            record(&mut text, model, structure);
        }
        for command in model.commands.get(&object).into_iter().flatten() {
            if is_called(command) {
                call(&mut text, model, command);
            }
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
        "C layouts and calls of what the Venus protocol carries.",
        &modules,
        "",
    );
    module.text = module.text.replace(
        "unused_parens",
        "unused_parens, unused_imports, unreachable_pub, dead_code",
    );
    files.push(module);
    files
}

/// The protocol's own commands are the renderer's business: no driver has them.
pub fn is_called(command: &Command) -> bool {
    !command.name.ends_with("MESA")
}

fn functions(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use std::ffi::{{CStr, c_char, c_void}};\n\nuse vulkan_types as t;\n\nuse super::*;\n\n/// The commands of one instance or device: those that it lacks are `None`.\n#[derive(Clone, Copy, Default)]\npub struct Functions {{\n"
    );
    let called: Vec<_> = model
        .protocol
        .commands
        .iter()
        .filter(|c| is_called(c))
        .collect();
    for command in &called {
        let _ = writeln!(
            text,
            "    pub {}: Option<{}>,",
            names::field_name(&command.name[2..]).as_str(),
            signature(model, command)
        );
    }
    text.push_str("}\n\nimpl Functions {\n");
    loader(
        &mut text,
        model,
        "load_instance",
        "an instance, or of none",
        &called,
        &|command| !of_device(command),
    );
    loader(
        &mut text,
        model,
        "load_device",
        "a device",
        &called,
        &of_device,
    );
    text.push_str("}\n");
    File {
        path: format!("{DIR}/functions.rs"),
        text,
    }
}

/// True for a command that is called on a device, or on what is made from one.
fn of_device(command: &Command) -> bool {
    match command.params.first().map(|param| &param.ty) {
        Some(Type::Handle(handle)) => !matches!(handle.as_str(), "VkInstance" | "VkPhysicalDevice"),
        _ => false,
    }
}

fn loader(
    text: &mut String,
    model: &Model<'_>,
    name: &str,
    of: &str,
    called: &[&Command],
    included: &dyn Fn(&Command) -> bool,
) {
    let _ = writeln!(
        text,
        "    /// Looks the commands of {of} up, under their aliases too.\n    ///\n    /// # Safety\n    /// What `lookup` returns for a name is null or a function of that name's type.\n    pub unsafe fn {name}(lookup: &dyn Fn(&CStr) -> *const c_void) -> Self {{\n        let find = |names: &[&CStr]| names.iter().map(|name| lookup(name)).find(|f| !f.is_null());\n        // SAFETY: by this function's contract, each pointer is of its field's type.\n        unsafe {{\n            Self {{"
    );
    for command in called.iter().filter(|command| included(command)) {
        let field = names::field_name(&command.name[2..]);
        let mut names = vec![command.name.clone()];
        names.extend(
            model
                .registry
                .command_aliases
                .iter()
                .filter(|(_, target)| **target == command.name)
                .map(|(alias, _)| alias.clone()),
        );
        let list: Vec<String> = names.iter().map(|name| format!("c{name:?}")).collect();
        let _ = writeln!(
            text,
            "                {field}: find(&[{}]).map(|f| std::mem::transmute::<*const c_void, {}>(f)),",
            list.join(", "),
            signature(model, command)
        );
    }
    text.push_str("                ..Self::default()\n            }\n        }\n    }\n\n");
}

fn signature(model: &Model<'_>, command: &Command) -> String {
    let params: Vec<String> = command
        .params
        .iter()
        .map(|field| raw_type(model, field, true))
        .collect();
    let ret = command.ret.as_ref().map_or(String::new(), |ret| {
        format!(" -> {}", raw_element(model, ret))
    });
    format!("unsafe extern \"system\" fn({}){ret}", params.join(", "))
}

/// C layout of an element.
fn raw_element(model: &Model<'_>, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => names::scalar(*scalar).to_owned(),
        Type::Enum(name) | Type::Flags(name, _) => format!("t::{}", names::type_name(name)),
        Type::Handle(_) => "u64".to_owned(),
        Type::Record(name) if model.is_plain(ty) => format!("t::{}", names::type_name(name)),
        Type::Record(name) => names::type_name(name),
        Type::Void => "c_void".to_owned(),
    }
}

/// C layout of a member or a parameter.
fn raw_type(model: &Model<'_>, field: &Field, param: bool) -> String {
    let element = raw_element(model, &field.ty);
    let pointer = if field.output { "*mut" } else { "*const" };
    match &field.shape {
        Shape::Value => element,
        Shape::Fixed(lengths) if param => {
            let _ = lengths;
            format!("*const {element}")
        }
        Shape::Fixed(lengths) => model.fixed(&element, lengths),
        Shape::Pointer | Shape::Array(_) => format!("{pointer} {element}"),
        Shape::Bytes(_) => format!("{pointer} c_void"),
        Shape::Text => "*const c_char".to_owned(),
        Shape::Texts(_) => "*const *const c_char".to_owned(),
        Shape::Nested(..) => format!("*const *const {element}"),
        Shape::Null => "*const c_void".to_owned(),
    }
}

fn chain(model: &Model<'_>) -> File {
    let mut text = format!(
        "{HEADER}use std::ffi::c_void;\n\nuse bumpalo::Bump;\nuse vulkan_types as t;\n\nuse super::*;\nuse crate::lower::*;\n\n/// Lowers one link in front of `next`.\npub(crate) fn lower_link(link: &t::Extension<'_>, next: *const c_void, cx: &Lowering<'_, '_>) -> Result<*const c_void, LowerError> {{\n    Ok(match link {{\n"
    );
    let links: Vec<_> = model
        .protocol
        .records
        .values()
        .filter(|record| record.link)
        .collect();
    for link in &links {
        let rust = names::type_name(&link.name);
        let _ = writeln!(
            text,
            "        t::Extension::{rust}(link) => cx.place({rust} {{ next, ..link.lower(cx)? }}).cast(),"
        );
    }
    text.push_str("    })\n}\n\n/// Lifts the link at `at`, and says where the next one is.\n///\n/// # Safety\n/// `at` points to what [`lower_link`] made of the same `link`.\npub(crate) unsafe fn lift_link<'a>(link: &t::Extension<'a>, at: *const c_void, arena: &'a Bump) -> (t::Extension<'a>, *const c_void) {\n    match link {\n");
    for link in &links {
        let rust = names::type_name(&link.name);
        if model.outputs.contains(&link.name) {
            let _ = writeln!(
                text,
                "        t::Extension::{rust}(link) => {{\n            // SAFETY: by this function's contract.\n            let raw = unsafe {{ &*at.cast::<{rust}>() }};\n            // SAFETY: `raw` was lowered from `link`.\n            let lifted = unsafe {{ link.lift(raw, arena) }};\n            (t::Extension::{rust}(arena.alloc(lifted)), raw.next)\n        }}"
            );
        } else {
            let _ = writeln!(
                text,
                "        t::Extension::{rust}(link) => {{\n            // SAFETY: by this function's contract; an input is passed through as it was.\n            let raw = unsafe {{ &*at.cast::<{rust}>() }};\n            (t::Extension::{rust}(link), raw.next)\n        }}"
            );
        }
    }
    text.push_str("    }\n}\n");
    File {
        path: format!("{DIR}/chain.rs"),
        text,
    }
}

fn record(text: &mut String, model: &Model<'_>, structure: &Structure) {
    if structure.plain {
        return;
    }
    if structure.union {
        return union(text, model, structure);
    }
    let rust = names::type_name(&structure.name);
    let _ = writeln!(
        text,
        "/// C layout of `{}`.\n#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {rust} {{",
        structure.name
    );
    if structure.stype.is_some() {
        text.push_str("    pub s_type: t::StructureType,\n    pub next: *const c_void,\n");
    }
    for field in &structure.fields {
        let _ = writeln!(
            text,
            "    pub {}: {},",
            names::member_name(field, &structure.fields),
            raw_type(model, field, false)
        );
    }
    text.push_str("}\n\n");
    lower(text, model, structure, &rust);
    if model.outputs.contains(&structure.name) {
        lift(text, model, structure, &rust);
    }
}

fn lower(text: &mut String, model: &Model<'_>, structure: &Structure, rust: &str) {
    let lifetime = if names::borrows(structure, &model.protocol.records) {
        "<'_>"
    } else {
        ""
    };
    let output = model.outputs.contains(&structure.name);
    let mut body = String::new();
    if let Some(stype) = &structure.stype {
        let _ = writeln!(
            body,
            "            s_type: t::{},\n            next: cx.chain(self.next)?,",
            names::stype(stype)
        );
    }
    for field in &structure.fields {
        let name = names::member_name(field, &structure.fields);
        let value = lower_member(model, field, &structure.fields, "self.", output);
        let _ = writeln!(body, "            {name}: {value},");
    }
    let argument = if body.contains("cx.") || body.contains("(cx)") {
        "cx"
    } else {
        "_cx"
    };
    let _ = writeln!(
        text,
        "impl Lower for t::{rust}{lifetime} {{\n    type Raw = {rust};\n\n    fn lower(&self, {argument}: &Lowering<'_, '_>) -> Result<{rust}, LowerError> {{\n        Ok({rust} {{\n{body}        }})\n    }}\n}}\n"
    );
}

fn lower_member(
    model: &Model<'_>,
    field: &Field,
    siblings: &[Field],
    prefix: &str,
    output: bool,
) -> String {
    let name = names::member_name(field, siblings);
    let value = format!("{prefix}{name}");
    let at = |name: &str| format!("{prefix}{name}");
    let null = if field.optional { "optional_" } else { "" };
    let raw_record = matches!(field.ty, Type::Record(_)) && !model.is_plain(&field.ty);
    match (&field.shape, &field.ty) {
        (Shape::Null, _) => "null()".to_owned(),
        (Shape::Value, Type::Handle(_)) => format!("cx.{null}handle({value})?"),
        (Shape::Value, Type::Record(_)) if raw_record => format!("{value}.lower(cx)?"),
        (Shape::Value, _) => value,
        (Shape::Fixed(_), Type::Handle(_)) => "[0; _]".to_owned(),
        (Shape::Fixed(_), _) => value,
        (Shape::Pointer, Type::Record(_)) if raw_record => format!("cx.reference({value})?"),
        (Shape::Pointer, _) => format!("cx.plain_reference({value})"),
        (Shape::Array(len), Type::Handle(_)) => {
            format!("cx.{null}handles({value}, {})?", length(len, siblings, &at))
        }
        (Shape::Array(len), Type::Record(_)) if raw_record && output => {
            format!("cx.records_mut({value}, {})?", length(len, siblings, &at))
        }
        (Shape::Array(len), Type::Record(_)) if raw_record => {
            format!("cx.records({value}, {})?", length(len, siblings, &at))
        }
        (Shape::Array(len), _) if output => {
            format!("cx.copied({value}, {})?", length(len, siblings, &at))
        }
        (Shape::Array(len), _) => format!("cx.slice({value}, {})?", length(len, siblings, &at)),
        (Shape::Bytes(len), _) if field.output => {
            format!("cx.copied({value}, {})?.cast()", length(len, siblings, &at))
        }
        (Shape::Bytes(len), _) => {
            format!("cx.slice({value}, {})?.cast()", length(len, siblings, &at))
        }
        (Shape::Text, _) => format!("cx.text({value})"),
        (Shape::Texts(len), _) => format!("cx.texts({value}, {})?", length(len, siblings, &at)),
        (Shape::Nested(len, inner), _) => {
            let inner = match inner {
                Length::ThroughEach(pointer, through) => format!(
                    "|at| {}.get(at).map_or(u64::MAX, |each| u64::from(each.{}))",
                    at(&names::field_name(pointer)),
                    names::field_name(through)
                ),
                other => format!("|_| {}", length(other, siblings, &at)),
            };
            let method = if raw_record {
                "nested_records"
            } else {
                "nested"
            };
            format!(
                "cx.{method}({value}, {}, {inner})?",
                length(len, siblings, &at)
            )
        }
    }
}

fn lift(text: &mut String, model: &Model<'_>, structure: &Structure, rust: &str) {
    let lifetime = model.lifetime(structure, "'a");
    let mut body = String::new();
    if structure.stype.is_some() {
        body.push_str("            // SAFETY: the chain was lowered from this one.\n            next: unsafe { lift_chain(self.next, raw.next, arena) },\n");
    }
    for field in structure.fields.iter().filter(|f| names::is_kept(f)) {
        let name = names::member_name(field, &structure.fields);
        let raw_record = matches!(field.ty, Type::Record(_)) && !model.is_plain(&field.ty);
        let value = match (&field.shape, &field.ty) {
            (Shape::Value | Shape::Fixed(_), Type::Handle(_)) => format!("self.{name}"),
            (Shape::Value, _) if raw_record => {
                format!("unsafe {{ self.{name}.lift(&raw.{name}, arena) }}")
            }
            (Shape::Value | Shape::Fixed(_), _) if !raw_record => format!("raw.{name}"),
            (Shape::Array(len), _) if !raw_record && !matches!(field.ty, Type::Handle(_)) => {
                let count = length(len, &structure.fields, &|n| format!("raw.{n}"));
                format!("unsafe {{ lift_slice(self.{name}, raw.{name}, {count}) }}")
            }
            (Shape::Array(len), Type::Record(_)) => {
                let count = length(len, &structure.fields, &|n| format!("raw.{n}"));
                format!("unsafe {{ lift_records(self.{name}, raw.{name}, {count}, arena) }}")
            }
            (Shape::Bytes(len), _) => {
                let count = length(len, &structure.fields, &|n| format!("raw.{n}"));
                format!("unsafe {{ lift_slice(self.{name}, raw.{name}.cast(), {count}) }}")
            }
            _ => format!("self.{name}"),
        };
        if value.starts_with("unsafe") {
            let _ = writeln!(
                body,
                "            // SAFETY: lowered from the same field.\n            {name}: {value},"
            );
        } else {
            let _ = writeln!(body, "            {name}: {value},");
        }
    }
    let arena = if body.contains("arena") {
        "arena"
    } else {
        "_arena"
    };
    let _ = writeln!(
        text,
        "impl<'a> Lift<'a> for t::{rust}{lifetime} {{\n    unsafe fn lift(&self, raw: &{rust}, {arena}: &'a Bump) -> Self {{\n        t::{rust} {{\n{body}        }}\n    }}\n}}\n"
    );
}

fn union(text: &mut String, model: &Model<'_>, structure: &Structure) {
    let rust = names::type_name(&structure.name);
    let elided = if names::borrows(structure, &model.protocol.records) {
        "<'_>"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "/// C layout of `{}`.\n#[repr(C)]\n#[derive(Clone, Copy)]\npub union {rust} {{",
        structure.name
    );
    let mut arms = String::new();
    for (index, field) in structure.fields.iter().enumerate() {
        let name = names::member_name(field, &structure.fields);
        let _ = writeln!(text, "    pub {name}: {},", raw_type(model, field, false));
        for (variant, _) in types::variants(field, index) {
            if field.shape == Shape::Null {
                let _ = writeln!(
                    arms,
                    "            Self::{variant} => {rust} {{ {name}: null() }},"
                );
                continue;
            }
            let value = lower_member(model, field, &[], "", false);
            let value = value
                .replace(&name, "value")
                .replacen("cx.value_", "cx.", 1);
            let value = if value == "value" {
                "*value".to_owned()
            } else {
                value
            };
            let value = value
                .replace("cx.reference(value)", "cx.reference(*value)")
                .replace("cx.plain_reference(value)", "cx.plain_reference(*value)");
            let _ = writeln!(
                arms,
                "            Self::{variant}(value) => {rust} {{ {name}: {value} }},"
            );
        }
    }
    let argument = if arms.contains("cx") { "cx" } else { "_cx" };
    let _ = writeln!(
        text,
        "}}\n\nimpl Lower for t::{rust}{elided} {{\n    type Raw = {rust};\n\n    fn lower(&self, {argument}: &Lowering<'_, '_>) -> Result<{rust}, LowerError> {{\n        Ok(match self {{\n{arms}        }})\n    }}\n}}\n"
    );
}

fn call(text: &mut String, model: &Model<'_>, command: &Command) {
    let rust = names::type_name(&command.name);
    let lifetime = if types::request_borrows(model, command) {
        "<'a>"
    } else {
        ""
    };
    let function = names::field_name(&command.name[2..]);
    let (mut before, mut arguments, mut reply) = (String::new(), Vec::new(), String::new());
    if command.ret.is_some() {
        reply.push_str("            ret,\n");
    }
    let mut after = String::new();
    for field in &command.params {
        let name = names::member_name(field, &command.params);
        let (prepare, argument, answer) = parameter(model, command, field, &mut after);
        before.push_str(&prepare);
        arguments.push(argument);
        if types::reply_param(model, field, &command.params).is_some() {
            let _ = writeln!(reply, "            {name}: {answer},");
        }
    }
    let ret = if command.ret.is_some() {
        "let ret = "
    } else {
        ""
    };
    let construct = if reply.is_empty() {
        format!("Ok(t::{rust}Reply {{}})")
    } else {
        format!("Ok(t::{rust}Reply {{\n{reply}        }})")
    };
    let cx = if before.contains("cx.")
        || before.contains("(cx)")
        || after.contains("cx.")
        || reply.contains("cx.")
        || arguments.iter().any(|a| a.contains("cx"))
    {
        "cx"
    } else {
        "_cx"
    };
    let inline = if command.is_recorded() {
        "    #[inline]\n"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "impl<'a> Call<'a> for t::{rust}{lifetime} {{\n{inline}    fn call(&self, functions: &Functions, {cx}: &Lowering<'a, '_>) -> Result<Self::Reply<'a>, CallError> {{\n        let function = functions.{function}.ok_or(CallError::Missing(<Self as t::Request>::NAME))?;\n{before}        // SAFETY: every pointer was lowered from a value with the counts beside it, handles\n        // are live, and the function is of this command's type.\n        {ret}unsafe {{ function({}) }};\n{after}        {construct}\n    }}\n}}\n",
        arguments.join(", ")
    );
}

/// What to do before the call, the argument, and the value for the reply.
fn parameter(
    model: &Model<'_>,
    command: &Command,
    field: &Field,
    after: &mut String,
) -> (String, String, String) {
    let siblings = &command.params;
    let name = names::member_name(field, siblings);
    let raw_record = matches!(field.ty, Type::Record(_)) && !model.is_plain(&field.ty);
    if !is_out(field) {
        let value = match (&field.shape, &field.ty) {
            (Shape::Fixed(_), _) => format!("self.{name}.as_ptr()"),
            (Shape::Pointer, _) if !field.optional && raw_record => {
                format!("cx.reference(Some(self.{name}))?")
            }
            (Shape::Pointer, _) if !field.optional => format!("std::ptr::from_ref(self.{name})"),
            _ => lower_member(model, field, siblings, "self.", false),
        };
        return (
            format!("        let {name} = {value};\n"),
            name,
            String::new(),
        );
    }
    let element = raw_element(model, &field.ty);
    let at = |n: &str| format!("self.{n}");
    // After the call a count says how many of the elements are there.
    let filled = match &field.shape {
        Shape::Array(Length::Field(len)) | Shape::Bytes(Length::Field(len)) => siblings
            .iter()
            .find(|other| other.name == *len && is_count(other))
            .map(|count| format!(", {} as u64", names::member_name(count, siblings))),
        _ => None,
    };
    let filled = filled.unwrap_or_else(|| ", u64::MAX".to_owned());
    match (&field.shape, &field.ty) {
        (Shape::Pointer, Type::Handle(_)) => {
            let _ = writeln!(after, "        cx.created(&[{name}]);");
            (
                format!("        let mut {name} = 0;\n"),
                format!("&mut {name}"),
                format!("self.{name}"),
            )
        }
        (Shape::Pointer, _) if raw_record => {
            let _ = writeln!(
                after,
                "        // SAFETY: the callee leaves pointers as they were; see `Lift`.\n        let {name}: &'a _ = cx.arena.alloc(unsafe {{ self.{name}.lift(&*{name}, cx.arena) }});"
            );
            (
                format!("        let {name} = cx.place_mut(self.{name}.lower(cx)?);\n"),
                name.clone(),
                name,
            )
        }
        (Shape::Pointer, _) if is_count(field) => (
            format!("        let mut {name} = self.{name};\n"),
            format!("&mut {name}"),
            name,
        ),
        (Shape::Pointer, _) => (
            format!("        let mut {name} = <{element}>::default();\n"),
            format!("&mut {name}"),
            name,
        ),
        (Shape::Array(_), Type::Handle(_)) => {
            let _ = writeln!(after, "        cx.created({name});");
            (
                format!("        let {name} = cx.zeroed::<u64>(self.{name}.len())?;\n"),
                format!("pointer_mut({name})"),
                format!("cx.first(self.{name}{filled})"),
            )
        }
        (Shape::Array(len), _) if raw_record => {
            let _ = writeln!(
                after,
                "        // SAFETY: lowered from the same elements, and the callee wrote no more of them.\n        let {name} = unsafe {{ lift_records(self.{name}, {name}{filled}, cx.arena) }};"
            );
            let len = length(len, siblings, &at);
            (
                format!("        let {name} = cx.records_mut(self.{name}, {len})?;\n"),
                name.clone(),
                name,
            )
        }
        (Shape::Bytes(_), _) => (
            format!("        let {name} = cx.zeroed::<u8>(self.{name}_room)?;\n"),
            format!("pointer_mut({name}).cast()"),
            format!("cx.first({name}{filled})"),
        ),
        _ => (
            format!("        let {name} = cx.zeroed::<{element}>(self.{name}_room)?;\n"),
            format!("pointer_mut({name})"),
            format!("cx.first({name}{filled})"),
        ),
    }
}
