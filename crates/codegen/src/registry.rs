//! What the registry files say, as plain data: no meaning is added here.
//!
//! The grammar is that of the Vulkan registry (`registry.rnc` beside `vk.xml`).

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

/// Everything read from the registry files, by C name.
#[derive(Debug, Default)]
pub struct Registry {
    /// Type aliases, old name to new.
    pub aliases: BTreeMap<String, String>,
    /// Structures and unions.
    pub records: BTreeMap<String, Record>,
    /// Handle types; true when dispatchable.
    pub handles: BTreeMap<String, bool>,
    /// `VkFooFlags` types: the `FlagBits` enum that names its bits, and its width.
    pub bitmasks: BTreeMap<String, Bitmask>,
    /// Enumerations and `FlagBits`.
    pub enums: BTreeMap<String, Enumeration>,
    /// `basetype` and external scalar names that stand for another C type.
    pub scalars: BTreeMap<String, String>,
    /// The API constants with an integer value, such as `VK_MAX_MEMORY_TYPES`.
    pub constants: BTreeMap<String, u64>,
    /// Commands, and their aliases.
    pub commands: BTreeMap<String, Function>,
    /// Command aliases, old name to new.
    pub command_aliases: BTreeMap<String, String>,
    /// Core versions and extensions, in file order.
    pub blocks: Vec<Block>,
    /// Formats and their texel blocks, by C name.
    pub formats: BTreeMap<String, Format>,
    /// `VK_HEADER_VERSION`.
    pub header_version: u32,
}

/// A structure or a union.
#[derive(Debug, Clone)]
pub struct Record {
    /// C name.
    pub name: String,
    /// True for a union.
    pub union: bool,
    /// The structures whose `pNext` chain this one may join.
    pub extends: Vec<String>,
    /// Members in declaration order.
    pub members: Vec<Member>,
}

/// A member of a record or a parameter of a command.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// C name.
    pub name: String,
    /// C type without `const`, `*` and arrays.
    pub ty: String,
    /// Number of `*`.
    pub pointers: usize,
    /// True when the pointee (the innermost) is `const`.
    pub constant: bool,
    /// Static array lengths, outermost first: a number or a constant's name.
    pub arrays: Vec<String>,
    /// The `len` attribute, one entry an indirection (`altlen` wins).
    pub len: Vec<String>,
    /// The `optional` attribute, one entry an indirection.
    pub optional: Vec<bool>,
    /// The `noautovalidity` attribute.
    pub no_auto_validity: bool,
    /// The member that says which member of a union is in use.
    pub selector: Option<String>,
    /// For a member of a union: the selector's values that choose it.
    pub selection: Vec<String>,
    /// `sType`'s value.
    pub value: Option<String>,
    /// True for a C bit field, which the wire cannot carry.
    pub bit_field: bool,
}

/// A bit mask type.
#[derive(Debug, Clone)]
pub struct Bitmask {
    /// The `FlagBits` enum.
    pub bits: Option<String>,
    /// True when 64 bits wide.
    pub wide: bool,
}

/// An enumeration: names and values in declaration order.
#[derive(Debug, Clone, Default)]
pub struct Enumeration {
    /// True when its names are bits of a mask.
    pub bitmask: bool,
    /// Name and value, aliases left out.
    pub values: Vec<(String, i64)>,
}

/// A format's texel block and memory planes.
#[derive(Debug, Clone)]
pub struct Format {
    /// Bytes of a texel block.
    pub block_size: u32,
    /// Texels of a block: width, height, depth.
    pub extent: [u32; 3],
    /// Bits of the depth and of the stencil component; 0 for none.
    pub depth_stencil: [u32; 2],
    /// For each memory plane, the format that it is compatible with.
    pub planes: Vec<String>,
}

/// A command.
#[derive(Debug, Clone)]
pub struct Function {
    /// C name.
    pub name: String,
    /// C return type.
    pub ret: String,
    /// Parameters in order.
    pub params: Vec<Member>,
}

/// A core version or an extension, and what it brings.
#[derive(Debug, Clone)]
pub struct Block {
    /// `VK_VERSION_1_0`, `VK_EXT_…`.
    pub name: String,
    /// Extension number; 0 for a core version.
    pub number: u32,
    /// Each `require`: its condition, types and commands.
    pub requires: Vec<Require>,
    /// `device` or `instance`; empty for a core version.
    pub level: String,
    /// The version or extension that absorbed it.
    pub promoted_to: Option<String>,
}

/// One `require` element.
#[derive(Debug, Clone, Default)]
pub struct Require {
    /// The `depends` expression.
    pub depends: Option<String>,
    /// Types brought.
    pub types: Vec<String>,
    /// Commands brought.
    pub commands: Vec<String>,
}

/// Why a registry file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The file is not XML.
    #[error("the registry is not XML: {0}")]
    Xml(#[from] roxmltree::Error),
    /// A number in it is not one.
    #[error("not a number in the registry: {0}")]
    Number(String),
}

impl Registry {
    /// Adds what one registry file says.
    ///
    /// # Errors
    /// The file isn't XML, or a value in it isn't a number.
    pub fn read(&mut self, xml: &str) -> Result<(), RegistryError> {
        let document = Document::parse(xml)?;
        for section in document.root_element().children() {
            match section.tag_name().name() {
                "types" => self.read_types(section),
                "enums" => self.read_enums(section)?,
                "commands" => self.read_commands(section),
                "formats" => self.read_formats(section)?,
                "feature" => self.read_block(section)?,
                "extensions" => {
                    for extension in section.children().filter(|n| n.has_tag_name("extension")) {
                        self.read_block(extension)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Follows type aliases to the name that is defined.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        let mut name = name;
        while let Some(target) = self.aliases.get(name) {
            name = target;
        }
        name
    }

    fn read_types(&mut self, section: Node<'_, '_>) {
        for node in section.children().filter(|n| n.has_tag_name("type")) {
            if !is_vulkan(node) {
                continue;
            }
            let name = node
                .attribute("name")
                .map(str::to_owned)
                .or_else(|| child_text(node, "name"))
                .unwrap_or_default();
            if let Some(alias) = node.attribute("alias") {
                self.aliases.insert(name, alias.to_owned());
                continue;
            }
            match node.attribute("category").unwrap_or_default() {
                "struct" | "union" => {
                    self.records.insert(name.clone(), read_record(node, name));
                }
                "handle" => {
                    let dispatchable =
                        child_text(node, "type").as_deref() == Some("VK_DEFINE_HANDLE");
                    self.handles.insert(name, dispatchable);
                }
                "bitmask" => {
                    let bits = node.attribute("requires").or(node.attribute("bitvalues"));
                    let wide = child_text(node, "type").as_deref() == Some("VkFlags64");
                    let bits = bits.map(str::to_owned);
                    self.bitmasks.insert(name, Bitmask { bits, wide });
                }
                "basetype" => {
                    if let Some(target) = child_text(node, "type") {
                        self.scalars.insert(name, target);
                    }
                }
                "define" if name == "VK_HEADER_VERSION" => {
                    let text: String = all_text(node);
                    let number = text.split_whitespace().last().unwrap_or_default();
                    self.header_version = number.parse().unwrap_or_default();
                }
                _ => {}
            }
        }
    }

    fn read_enums(&mut self, section: Node<'_, '_>) -> Result<(), RegistryError> {
        let name = section.attribute("name").unwrap_or_default();
        let kind = section.attribute("type").unwrap_or_default();
        if kind == "constants" {
            for node in section.children().filter(|n| n.has_tag_name("enum")) {
                let value = node.attribute("value").unwrap_or_default();
                if let (Some(name), Ok(value)) = (node.attribute("name"), parse_integer(value)) {
                    self.constants.insert(name.to_owned(), value.unsigned_abs());
                }
            }
            return Ok(());
        }
        let entry = self.enums.entry(name.to_owned()).or_default();
        entry.bitmask = kind == "bitmask";
        for node in section.children().filter(|n| n.has_tag_name("enum")) {
            if is_vulkan(node) {
                entry.add(node, 0)?;
            }
        }
        Ok(())
    }

    fn read_commands(&mut self, section: Node<'_, '_>) {
        for node in section.children().filter(|n| n.has_tag_name("command")) {
            if !is_vulkan(node) {
                continue;
            }
            if let (Some(name), Some(alias)) = (node.attribute("name"), node.attribute("alias")) {
                self.command_aliases
                    .insert(name.to_owned(), alias.to_owned());
                continue;
            }
            let Some(proto) = node.children().find(|n| n.has_tag_name("proto")) else {
                continue;
            };
            let function = Function {
                name: child_text(proto, "name").unwrap_or_default(),
                ret: child_text(proto, "type").unwrap_or_default(),
                params: node
                    .children()
                    .filter(|n| n.has_tag_name("param") && is_vulkan(*n))
                    .map(read_member)
                    .collect(),
            };
            self.commands.insert(function.name.clone(), function);
        }
    }

    fn read_formats(&mut self, section: Node<'_, '_>) -> Result<(), RegistryError> {
        for node in section.children().filter(|n| n.has_tag_name("format")) {
            let number = |attribute: &str| {
                parse_integer(node.attribute(attribute).unwrap_or("0")).map(|value| value as u32)
            };
            let mut extent = [1; 3];
            for (to, from) in extent.iter_mut().zip(list(node.attribute("blockExtent"))) {
                *to = parse_integer(&from)? as u32;
            }
            let bits = |name: &str| {
                node.children()
                    .find(|n| n.has_tag_name("component") && n.attribute("name") == Some(name))
                    .and_then(|n| n.attribute("bits")?.parse().ok())
                    .unwrap_or(0)
            };
            let planes = node.children().filter(|n| n.has_tag_name("plane"));
            let format = Format {
                block_size: number("blockSize")?,
                extent,
                depth_stencil: [bits("D"), bits("S")],
                planes: planes
                    .filter_map(|n| n.attribute("compatible").map(str::to_owned))
                    .collect(),
            };
            self.formats.insert(
                node.attribute("name").unwrap_or_default().to_owned(),
                format,
            );
        }
        Ok(())
    }

    fn read_block(&mut self, node: Node<'_, '_>) -> Result<(), RegistryError> {
        if !is_vulkan(node) || node.attribute("supported") == Some("disabled") {
            return Ok(());
        }
        let number = node.attribute("number").unwrap_or_default();
        let number = if node.has_tag_name("extension") {
            parse_integer(number)? as u32
        } else {
            0
        };
        let mut requires = Vec::new();
        for require in node
            .children()
            .filter(|n| n.has_tag_name("require") && is_vulkan(*n))
        {
            requires.push(self.read_require(require, i64::from(number))?);
        }
        self.blocks.push(Block {
            name: node.attribute("name").unwrap_or_default().to_owned(),
            number,
            requires,
            level: node.attribute("type").unwrap_or_default().to_owned(),
            promoted_to: node.attribute("promotedto").map(str::to_owned),
        });
        Ok(())
    }

    fn read_require(&mut self, node: Node<'_, '_>, number: i64) -> Result<Require, RegistryError> {
        let mut require = Require {
            depends: node.attribute("depends").map(str::to_owned),
            ..Require::default()
        };
        for item in node.children().filter(|n| n.is_element() && is_vulkan(*n)) {
            let name = item.attribute("name").unwrap_or_default().to_owned();
            match item.tag_name().name() {
                "type" => require.types.push(name),
                "command" => require.commands.push(name),
                "enum" => {
                    if let Some(extends) = item.attribute("extends") {
                        self.enums
                            .entry(extends.to_owned())
                            .or_default()
                            .add(item, number)?;
                    }
                }
                _ => {}
            }
        }
        Ok(require)
    }
}

impl Enumeration {
    /// Adds a value given directly, as a bit, or as an extension's offset.
    fn add(&mut self, node: Node<'_, '_>, block: i64) -> Result<(), RegistryError> {
        if node.has_attribute("alias") {
            return Ok(());
        }
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let value = if let Some(value) = node.attribute("value") {
            parse_integer(value)?
        } else if let Some(bit) = node.attribute("bitpos") {
            1i64.wrapping_shl(parse_integer(bit)? as u32)
        } else if let Some(offset) = node.attribute("offset") {
            let number = match node.attribute("extnumber") {
                Some(number) => parse_integer(number)?,
                None => block,
            };
            // "Extending enums" of the registry document: each extension owns 1000 values.
            let value = 1_000_000_000 + (number - 1) * 1000 + parse_integer(offset)?;
            if node.attribute("dir") == Some("-") {
                -value
            } else {
                value
            }
        } else {
            return Ok(());
        };
        if !self.values.iter().any(|(known, _)| *known == name) {
            self.values.push((name, value));
        }
        Ok(())
    }
}

fn read_record(node: Node<'_, '_>, name: String) -> Record {
    Record {
        name,
        union: node.attribute("category") == Some("union"),
        extends: list(node.attribute("structextends")),
        members: node
            .children()
            .filter(|n| n.has_tag_name("member") && is_vulkan(*n))
            .map(read_member)
            .collect(),
    }
}

fn read_member(node: Node<'_, '_>) -> Member {
    let ty = child_text(node, "type").unwrap_or_default();
    let name = child_text(node, "name").unwrap_or_default();
    let mut code = String::new();
    for child in node.children() {
        if !child.has_tag_name("comment") {
            code.push_str(&all_text(child));
        }
    }
    let after_name = code.split_once(name.as_str()).map_or("", |_| {
        let at = code.rfind(name.as_str()).unwrap_or(0);
        &code[at + name.len()..]
    });
    Member {
        pointers: code.matches('*').count(),
        constant: code.trim_start().starts_with("const"),
        arrays: after_name
            .split('[')
            .skip(1)
            .map(|part| part.trim_end().trim_end_matches(']').trim().to_owned())
            .collect(),
        len: list(node.attribute("altlen").or(node.attribute("len"))),
        optional: list(node.attribute("optional"))
            .iter()
            .map(|o| o == "true")
            .collect(),
        no_auto_validity: node.attribute("noautovalidity") == Some("true"),
        selector: node.attribute("selector").map(str::to_owned),
        selection: list(node.attribute("selection")),
        value: node.attribute("values").map(str::to_owned),
        bit_field: after_name.trim_start().starts_with(':'),
        name,
        ty,
    }
}

/// False for what only another API of the registry (Vulkan SC) has.
fn is_vulkan(node: Node<'_, '_>) -> bool {
    let listed = |attribute: &str| {
        node.attribute(attribute)
            .is_none_or(|apis| apis.split(',').any(|api| api == "vulkan"))
    };
    listed("api") && (!node.has_tag_name("extension") || listed("supported"))
}

fn list(attribute: Option<&str>) -> Vec<String> {
    attribute
        .map(|text| text.split(',').map(|part| part.trim().to_owned()).collect())
        .unwrap_or_default()
}

fn child_text(node: Node<'_, '_>, tag: &str) -> Option<String> {
    node.children().find(|n| n.has_tag_name(tag)).map(all_text)
}

fn all_text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(|n| n.is_text())
        .filter_map(|n| n.text())
        .collect()
}

fn parse_integer(text: &str) -> Result<i64, RegistryError> {
    // As in C: `(~0U)`, `0x1ULL`.
    let trimmed = text
        .trim_start_matches('(')
        .trim_end_matches([')', 'U', 'L']);
    let bad = || RegistryError::Number(text.to_owned());
    match trimmed.strip_prefix("0x").or(trimmed.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16)
            .map(|v| v as i64)
            .map_err(|_| bad()),
        None => match trimmed.strip_prefix('~') {
            Some(inverted) => inverted
                .parse::<u32>()
                .map(|v| i64::from(!v))
                .map_err(|_| bad()),
            None => trimmed.parse().map_err(|_| bad()),
        },
    }
}
