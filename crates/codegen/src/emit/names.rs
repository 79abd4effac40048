//! Rust names for the registry's C names.

use crate::resolve::{Field, Scalar, Shape, Structure, Type};

/// `VkBufferCreateInfo` -> `BufferCreateInfo`, `vkCmdDraw` -> `CmdDraw`.
pub fn type_name(c_name: &str) -> String {
    if c_name == "VkResult" {
        // Rust has a Result of its own.
        return c_name.to_owned();
    }
    if let Some(rest) = c_name.strip_prefix("Vk") {
        return rest.replace("FlagBits", "Flags");
    }
    c_name.strip_prefix("vk").unwrap_or(c_name).to_owned()
}

/// `VkBuffer` -> `BufferId`.
pub fn id_name(c_name: &str) -> String {
    format!("{}Id", type_name(c_name))
}

/// `pQueueFamilyIndices` -> `queue_family_indices`.
pub fn field_name(c_name: &str) -> String {
    let name = snake(strip_pointer_prefix(c_name));
    match name.as_str() {
        "type" | "ref" | "in" | "move" => format!("{name}_"),
        _ => name,
    }
}

/// Field names of a structure: two members that differ by their pointer prefix stay apart.
pub fn member_name(field: &Field, siblings: &[Field]) -> String {
    let name = field_name(&field.name);
    let clash = siblings
        .iter()
        .any(|other| other.name != field.name && field_name(&other.name) == name);
    if clash && field.name.starts_with("pp") {
        format!("{name}_pointers")
    } else {
        name
    }
}

/// `VK_FORMAT_R8_UNORM` of `VkFormat` -> `R8_UNORM`; a bit loses its `_BIT`.
pub fn constant_name(enumeration: &str, value: &str) -> String {
    let (stem, number) = match enumeration.split_once("FlagBits") {
        Some((stem, rest)) => (
            stem,
            rest.trim_end_matches(|c: char| c.is_ascii_uppercase()),
        ),
        None => (enumeration, ""),
    };
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let mut prefix = snake(stem).to_uppercase();
    if !number.is_empty() {
        prefix = format!("{prefix}_{number}");
    }
    let short = value
        .strip_prefix(&format!("{prefix}_"))
        .or(value.strip_prefix("VK_"))
        .unwrap_or(value);
    let short = short.replace("_BIT_", "_");
    let short = short.strip_suffix("_BIT").unwrap_or(&short);
    if short.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{short}")
    } else {
        short.to_owned()
    }
}

/// `VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO` -> `StructureType::BUFFER_CREATE_INFO`.
pub fn stype(value: &str) -> String {
    format!("StructureType::{}", constant_name("VkStructureType", value))
}

/// camelCase to snake_case; a digit stays with the letters around it (`1D` -> `1d`).
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at
            .checked_sub(1)
            .and_then(|i| chars.get(i))
            .copied()
            .unwrap_or('_');
        let after = chars.get(at + 1).copied().unwrap_or('_');
        let starts_word = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_digit() || before.is_ascii_uppercase())
                    && after.is_ascii_lowercase());
        if starts_word && before != '_' {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn strip_pointer_prefix(name: &str) -> &str {
    for prefix in ["pfn", "pp", "p"] {
        if let Some(rest) = name.strip_prefix(prefix)
            && rest.starts_with(|c: char| c.is_ascii_uppercase())
        {
            return rest;
        }
    }
    name
}

/// The Rust type of a scalar.
pub fn scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::U8 | Scalar::Char => "u8",
        Scalar::U16 => "u16",
        Scalar::U32 => "u32",
        Scalar::I32 => "i32",
        Scalar::U64 => "u64",
        Scalar::I64 => "i64",
        Scalar::Size => "usize",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
    }
}

/// Array lengths as Rust constants: a number, or the API constant's value.
pub fn fixed_length(text: &str, constants: &std::collections::BTreeMap<String, u64>) -> String {
    match text.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => constants.get(text).copied().unwrap_or_default().to_string(),
    }
}

/// True for a field that the structure keeps: null pointers are checked and forgotten.
pub fn is_kept(field: &Field) -> bool {
    field.shape != Shape::Null
}

/// True when the Rust value borrows: it has a chain or points to something.
pub fn borrows(
    structure: &Structure,
    records: &std::collections::BTreeMap<String, Structure>,
) -> bool {
    if structure.plain {
        return false;
    }
    structure.stype.is_some()
        || structure.fields.iter().any(|field| match field.shape {
            Shape::Value | Shape::Fixed(_) => match &field.ty {
                Type::Record(name) => records.get(name).is_some_and(|r| borrows(r, records)),
                _ => false,
            },
            Shape::Null => false,
            _ => true,
        })
}
