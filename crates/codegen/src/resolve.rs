//! From the registry to the protocol: what is carried, and the shape of each field.

use std::collections::{BTreeMap, BTreeSet};

use crate::registry::{Block, Member, Record, Registry};
use crate::special_cases;

/// The Venus protocol, resolved: every name in it is the canonical one.
#[derive(Debug)]
pub struct Protocol {
    /// Records in dependency-free (alphabetical) order.
    pub records: BTreeMap<String, Structure>,
    /// Enumerations and `FlagBits` in use.
    pub enums: BTreeSet<String>,
    /// Mask types in use: name, and whether 64 bits wide.
    pub flags: BTreeMap<String, bool>,
    /// Handle types in use.
    pub handles: BTreeSet<String>,
    /// Commands in the order of their numbers.
    pub commands: Vec<Command>,
    /// The extensions that the protocol carries.
    pub extensions: Vec<Extension>,
    /// `VK_HEADER_VERSION` of the registry.
    pub header_version: u32,
}

/// An extension of the protocol.
#[derive(Debug, Clone)]
pub struct Extension {
    /// `VK_…` name.
    pub name: String,
    /// Number in the registry: its bit in the capset.
    pub number: u32,
    /// The version that the protocol was made from.
    pub spec_version: u32,
    /// True for an instance extension.
    pub instance: bool,
    /// The version or extension that absorbed it.
    pub promoted_to: Option<String>,
}

/// A structure or union of the protocol.
#[derive(Debug, Clone)]
pub struct Structure {
    /// C name.
    pub name: String,
    /// `VK_STRUCTURE_TYPE_…` when it starts with `sType` and `pNext`.
    pub stype: Option<String>,
    /// True for a union.
    pub union: bool,
    /// Fields after `sType` and `pNext`.
    pub fields: Vec<Field>,
    /// Structures allowed in its chain, sorted.
    pub chain: Vec<String>,
    /// True when it can be a link of a chain.
    pub link: bool,
    /// True when it holds scalars only: no pointer, handle, union or chain.
    pub plain: bool,
}

/// A field of a structure, or a parameter of a command.
#[derive(Debug, Clone)]
pub struct Field {
    /// C name.
    pub name: String,
    /// What it is on the wire and in memory.
    pub shape: Shape,
    /// The element type.
    pub ty: Type,
    /// True when its value, or its pointer, may be null.
    pub optional: bool,
    /// True when this scalar is the length of another field.
    pub is_length: bool,
    /// For a union member: the selector's values (C names) that choose it.
    pub selection: Vec<String>,
    /// For a union field: the field beside it that chooses.
    pub selector: Option<String>,
    /// True when the callee writes what it points to.
    pub output: bool,
}

/// The shape of a field around its element type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// In place.
    Value,
    /// A C array of fixed length; two lengths make a matrix.
    Fixed(Vec<String>),
    /// A pointer to one.
    Pointer,
    /// A pointer to `len` of them.
    Array(Length),
    /// A pointer to `len` pointers to `inner` of them each.
    Nested(Length, Length),
    /// A null-terminated string.
    Text,
    /// `len` null-terminated strings.
    Texts(Length),
    /// `len` bytes that no one but the driver understands.
    Bytes(Length),
    /// A pointer that has to be null: callbacks, user data.
    Null,
}

/// How long an array is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    /// The value of a field beside it.
    Field(String),
    /// That value divided.
    Divided(String, u32),
    /// One word for each 32 samples.
    SampleWords(String),
    /// A field of the structure that a parameter points to.
    Through(String, String),
    /// As before, of the element with the same index.
    ThroughEach(String, String),
    /// A constant.
    Constant(u64),
}

/// An element type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A scalar of the wire.
    Scalar(Scalar),
    /// An enumeration.
    Enum(String),
    /// A bit mask, and whether it is 64 bits wide.
    Flags(String, bool),
    /// A handle.
    Handle(String),
    /// A structure or a union.
    Record(String),
    /// Untyped memory.
    Void,
}

/// The scalars of C that the wire knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// `uint8_t`
    U8,
    /// `uint16_t`
    U16,
    /// `uint32_t` and what stands for it
    U32,
    /// `int32_t`
    I32,
    /// `uint64_t` and what stands for it
    U64,
    /// `int64_t`
    I64,
    /// `size_t`, 64 bits on the wire
    Size,
    /// `float`
    F32,
    /// `double`
    F64,
    /// `char`
    Char,
}

/// A command of the protocol.
#[derive(Debug, Clone)]
pub struct Command {
    /// C name.
    pub name: String,
    /// The number on the wire.
    pub id: u32,
    /// The return type; none for `void`.
    pub ret: Option<Type>,
    /// Parameters; allocation callbacks are among them as [`Shape::Null`].
    pub params: Vec<Field>,
}

impl Command {
    /// True for a command that is recorded into a command buffer.
    pub fn is_recorded(&self) -> bool {
        self.name.starts_with("vkCmd")
    }
}

/// Why the protocol cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A list names what the registry does not have.
    #[error("the registry does not define {0}")]
    Unknown(String),
    /// A field has a form that the wire cannot carry.
    #[error("{owner}.{field}: no wire form for this member ({why})")]
    Shape {
        /// Structure or command.
        owner: String,
        /// Member or parameter.
        field: String,
        /// What is unexpected.
        why: String,
    },
    /// A line of a list is not of its form.
    #[error("malformed line in {file}: {line}")]
    List {
        /// File name.
        file: &'static str,
        /// The line.
        line: String,
    },
}

/// Resolves the protocol from the registry, the command numbers and the extension list.
///
/// # Errors
/// A list is malformed or names something undefined, or a member has no wire form.
pub fn resolve(registry: &Registry, ids: &str, extensions: &str) -> Result<Protocol, ResolveError> {
    let extensions = parse_extensions(registry, extensions)?;
    let ids = parse_ids(registry, ids)?;
    let mut resolver = Resolver {
        registry,
        links: links(registry, &extensions),
        records: BTreeMap::new(),
        enums: BTreeSet::new(),
        flags: BTreeMap::new(),
        handles: BTreeSet::new(),
    };
    let mut commands = Vec::new();
    for (name, id) in ids {
        if special_cases::NO_WIRE_FORM.contains(&name.as_str()) {
            continue;
        }
        commands.push(resolver.command(&name, id)?);
    }
    commands.sort_by_key(|command| command.id);
    for name in ["VkResult", "VkObjectType", "VkStructureType"] {
        resolver.enums.insert(name.to_owned());
    }
    Ok(Protocol {
        records: resolver.records,
        enums: resolver.enums,
        flags: resolver.flags,
        handles: resolver.handles,
        commands,
        extensions,
        header_version: registry.header_version,
    })
}

struct Resolver<'r> {
    registry: &'r Registry,
    /// Canonical names of the structures that the protocol lets into chains.
    links: BTreeSet<String>,
    records: BTreeMap<String, Structure>,
    enums: BTreeSet<String>,
    flags: BTreeMap<String, bool>,
    handles: BTreeSet<String>,
}

impl Resolver<'_> {
    fn command(&mut self, name: &str, id: u32) -> Result<Command, ResolveError> {
        let function = self
            .registry
            .commands
            .get(name)
            .ok_or_else(|| ResolveError::Unknown(name.to_owned()))?
            .clone();
        let ret = match function.ret.as_str() {
            "void" => None,
            other => Some(self.element(name, "return", other)?),
        };
        let params = self.fields(name, &function.params, true)?;
        Ok(Command {
            name: name.to_owned(),
            id,
            ret,
            params,
        })
    }

    fn record(&mut self, name: &str) -> Result<(), ResolveError> {
        if self.records.contains_key(name) {
            return Ok(());
        }
        let record = self
            .registry
            .records
            .get(name)
            .ok_or_else(|| ResolveError::Unknown(name.to_owned()))?
            .clone();
        let stype = stype_of(&record);
        let chain = if stype.is_some() {
            self.chain_of(name)
        } else {
            Vec::new()
        };
        // Entered before its fields: geometry structures refer to each other.
        let members = if stype.is_some() {
            &record.members[2..]
        } else {
            &record.members[..]
        };
        let mut structure = Structure {
            name: name.to_owned(),
            link: self.links.contains(name),
            stype,
            union: record.union,
            fields: Vec::new(),
            chain: chain.clone(),
            plain: false,
        };
        self.records.insert(name.to_owned(), structure.clone());
        structure.fields = self.fields(name, members, false)?;
        structure.plain = structure.stype.is_none() && !record.union && self.is_plain(&structure);
        self.records.insert(name.to_owned(), structure);
        for link in chain {
            self.record(&link)?;
        }
        Ok(())
    }

    fn is_plain(&self, structure: &Structure) -> bool {
        structure.fields.iter().all(|field| {
            matches!(field.shape, Shape::Value | Shape::Fixed(_))
                && match &field.ty {
                    Type::Scalar(_) | Type::Enum(_) | Type::Flags(..) => true,
                    Type::Record(name) => self.records.get(name).is_some_and(|r| r.plain),
                    Type::Handle(_) | Type::Void => false,
                }
        })
    }

    /// The links that may follow a structure, in the order of their names.
    fn chain_of(&self, name: &str) -> Vec<String> {
        let extends = |link: &String| {
            self.registry
                .records
                .get(link.as_str())
                .is_some_and(|record| {
                    record
                        .extends
                        .iter()
                        .any(|parent| self.registry.canonical(parent) == name)
                })
        };
        self.links
            .iter()
            .filter(|link| extends(link))
            .cloned()
            .collect()
    }

    fn fields(
        &mut self,
        owner: &str,
        members: &[Member],
        params: bool,
    ) -> Result<Vec<Field>, ResolveError> {
        let mut fields = Vec::new();
        for member in members {
            fields.push(self.field(owner, member, members, params)?);
        }
        Ok(fields)
    }

    fn field(
        &mut self,
        owner: &str,
        member: &Member,
        siblings: &[Member],
        param: bool,
    ) -> Result<Field, ResolveError> {
        let fail = |why: &str| ResolveError::Shape {
            owner: owner.to_owned(),
            field: member.name.clone(),
            why: why.to_owned(),
        };
        if member.bit_field {
            return Err(fail("bit field"));
        }
        let shape = shape_of(owner, member, siblings).ok_or_else(|| fail("pointer"))?;
        let ty = match shape {
            Shape::Null => Type::Void,
            _ => self.element(owner, &member.name, &member.ty)?,
        };
        let outermost = member.optional.first().copied().unwrap_or(false);
        // For an output count (`optional="false,true"`) the pointer itself is required.
        let optional = (outermost || member.no_auto_validity)
            && !special_cases::is_required(owner, &member.name);
        Ok(Field {
            name: member.name.clone(),
            is_length: siblings
                .iter()
                // An array in place has its room whatever the count beside it says.
                .any(|other| {
                    other.arrays.is_empty()
                        && other.len.iter().any(|len| mentions(len, &member.name))
                })
                || special_cases::is_length(owner, &member.name),
            output: (param || special_cases::is_output_record(owner))
                && member.pointers > 0
                && !member.constant,
            shape,
            ty,
            optional,
            selection: member.selection.clone(),
            selector: member.selector.clone(),
        })
    }

    fn element(&mut self, owner: &str, field: &str, c_type: &str) -> Result<Type, ResolveError> {
        if let Some(scalar) = scalar_of(c_type) {
            return Ok(Type::Scalar(scalar));
        }
        let name = self.registry.canonical(c_type).to_owned();
        if let Some(mask) = self.registry.bitmasks.get(&name) {
            if let Some(bits) = &mask.bits {
                self.enums.insert(self.registry.canonical(bits).to_owned());
            }
            self.flags.insert(name.clone(), mask.wide);
            return Ok(Type::Flags(name, mask.wide));
        }
        if self.registry.handles.contains_key(&name) {
            self.handles.insert(name.clone());
            return Ok(Type::Handle(name));
        }
        if self.registry.records.contains_key(&name) {
            self.record(&name)?;
            return Ok(Type::Record(name));
        }
        if let Some(values) = self.registry.enums.get(&name) {
            if values.bitmask {
                return self.mask_of_bits(&name).ok_or(ResolveError::Unknown(name));
            }
            self.enums.insert(name.clone());
            return Ok(Type::Enum(name));
        }
        if c_type == "void" {
            return Ok(Type::Void);
        }
        if let Some(target) = self.registry.scalars.get(&name) {
            return self.element(owner, field, &target.clone());
        }
        Err(ResolveError::Unknown(format!("{owner}.{field}: {c_type}")))
    }

    /// A single bit has the type of the mask that it belongs to.
    fn mask_of_bits(&mut self, bits: &str) -> Option<Type> {
        let registry = self.registry;
        let (mask, info) = registry.bitmasks.iter().find(|(_, mask)| {
            mask.bits
                .as_deref()
                .is_some_and(|b| registry.canonical(b) == bits)
        })?;
        self.flags.insert(mask.clone(), info.wide);
        self.enums.insert(bits.to_owned());
        Some(Type::Flags(mask.clone(), info.wide))
    }
}

/// The shape around a member's element type; none when the wire has no form for it.
fn shape_of(owner: &str, member: &Member, siblings: &[Member]) -> Option<Shape> {
    if let Some(shape) = special_cases::shape(owner, &member.name) {
        return Some(shape);
    }
    if member.ty == "VkAllocationCallbacks" || member.ty.starts_with("PFN_") {
        return Some(Shape::Null);
    }
    if !member.arrays.is_empty() {
        return Some(Shape::Fixed(member.arrays.clone()));
    }
    let length = |text: &String| parse_length(text, siblings);
    match (member.pointers, member.len.as_slice()) {
        (0, _) => Some(Shape::Value),
        (1, []) if member.ty == "void" => Some(Shape::Null),
        (1, []) => Some(Shape::Pointer),
        (1, [len]) if len == "null-terminated" => Some(Shape::Text),
        (1, [len]) if member.ty == "void" => Some(Shape::Bytes(length(len)?)),
        (1, [len]) => Some(Shape::Array(length(len)?)),
        (2, [len, inner]) if inner == "null-terminated" => Some(Shape::Texts(length(len)?)),
        (2, [len, inner]) => Some(Shape::Nested(length(len)?, length(inner)?)),
        _ => None,
    }
}

fn parse_length(text: &str, siblings: &[Member]) -> Option<Length> {
    let sibling = |name: &str| siblings.iter().any(|member| member.name == name);
    if sibling(text) {
        return Some(Length::Field(text.to_owned()));
    }
    if let Ok(number) = text.parse() {
        return Some(Length::Constant(number));
    }
    if text == "2*VK_UUID_SIZE" {
        return Some(Length::Constant(32));
    }
    if let Some((name, by)) = text.split_once('/') {
        if let ("32", Some(samples)) = (by.trim(), text.strip_prefix('(')) {
            let name = samples.split_whitespace().next()?;
            return sibling(name).then(|| Length::SampleWords(name.to_owned()));
        }
        let name = name.trim();
        return sibling(name)
            .then(|| Some(Length::Divided(name.to_owned(), by.trim().parse().ok()?)))?;
    }
    if let Some((pointer, field)) = text.split_once("[].") {
        return Some(Length::ThroughEach(pointer.to_owned(), field.to_owned()));
    }
    let (pointer, field) = text.split_once("->")?;
    sibling(pointer).then(|| Length::Through(pointer.to_owned(), field.to_owned()))
}

/// Whether a length expression is made from the field of this name.
fn mentions(len: &str, name: &str) -> bool {
    len.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next_back()
        == Some(name)
        || len
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
            && !len.contains("->")
            && !len.contains("[].")
}

fn scalar_of(c_type: &str) -> Option<Scalar> {
    Some(match c_type {
        "uint8_t" => Scalar::U8,
        "uint16_t" => Scalar::U16,
        "uint32_t" | "VkBool32" | "VkSampleMask" | "VkFlags" => Scalar::U32,
        "int32_t" | "int" => Scalar::I32,
        "uint64_t" | "VkDeviceSize" | "VkDeviceAddress" | "VkFlags64" => Scalar::U64,
        "int64_t" => Scalar::I64,
        "size_t" => Scalar::Size,
        "float" => Scalar::F32,
        "double" => Scalar::F64,
        "char" => Scalar::Char,
        _ => return None,
    })
}

fn stype_of(record: &Record) -> Option<String> {
    let first = record.members.first()?;
    (first.name == "sType")
        .then(|| first.value.clone())
        .flatten()
}

/// The structures that the core versions and the protocol's extensions let into chains.
fn links(registry: &Registry, extensions: &[Extension]) -> BTreeSet<String> {
    let known = |name: &str| {
        name.contains("_VERSION_") || extensions.iter().any(|extension| extension.name == name)
    };
    let carried = |block: &&Block| block.number == 0 || known(&block.name);
    let mut links = BTreeSet::new();
    for block in registry.blocks.iter().filter(carried) {
        for require in &block.requires {
            if require
                .depends
                .as_deref()
                .is_some_and(|depends| !satisfied(depends, &known))
            {
                continue;
            }
            for name in &require.types {
                let name = registry.canonical(name);
                let extends = |record: &Record| !record.extends.is_empty();
                if registry.records.get(name).is_some_and(extends)
                    && !special_cases::NOT_CARRIED.contains(&name)
                {
                    links.insert(name.to_owned());
                }
            }
        }
    }
    links
}

/// Evaluates a `depends` expression: `+` is and, `,` is or, parentheses group.
fn satisfied(depends: &str, known: &dyn Fn(&str) -> bool) -> bool {
    fn term(text: &mut &str, known: &dyn Fn(&str) -> bool) -> bool {
        if let Some(rest) = text.strip_prefix('(') {
            *text = rest;
            let value = expression(text, known);
            *text = text.strip_prefix(')').unwrap_or(text);
            return value;
        }
        let end = text.find(['+', ',', ')']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        *text = rest;
        known(name.split("::").next().unwrap_or(name))
    }
    fn expression(text: &mut &str, known: &dyn Fn(&str) -> bool) -> bool {
        let mut value = term(text, known);
        loop {
            if let Some(rest) = text.strip_prefix('+') {
                *text = rest;
                value &= term(text, known);
            } else if let Some(rest) = text.strip_prefix(',') {
                *text = rest;
                value |= term(text, known);
            } else {
                return value;
            }
        }
    }
    let mut text = depends;
    expression(&mut text, known)
}

fn parse_extensions(registry: &Registry, csv: &str) -> Result<Vec<Extension>, ResolveError> {
    let mut extensions = Vec::new();
    for line in csv.lines().skip(1).filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split(',').collect();
        let malformed = || ResolveError::List {
            file: "venus-extensions.csv",
            line: line.to_owned(),
        };
        let [name, number, version] = fields.as_slice() else {
            return Err(malformed());
        };
        let block = registry.blocks.iter().find(|block| block.name == *name);
        extensions.push(Extension {
            name: (*name).to_owned(),
            number: number.parse().map_err(|_| malformed())?,
            spec_version: version.parse().map_err(|_| malformed())?,
            instance: block.is_some_and(|block| block.level == "instance"),
            promoted_to: block.and_then(|block| block.promoted_to.clone()),
        });
    }
    Ok(extensions)
}

/// Command numbers by canonical name: an alias has the number of what it stands for.
fn parse_ids(registry: &Registry, csv: &str) -> Result<BTreeMap<String, u32>, ResolveError> {
    let mut ids = BTreeMap::new();
    for line in csv.lines().skip(1).filter(|line| !line.is_empty()) {
        let malformed = || ResolveError::List {
            file: "venus-command-ids.csv",
            line: line.to_owned(),
        };
        let (name, id) = line.split_once(',').ok_or_else(malformed)?;
        let id = id.trim().parse().map_err(|_| malformed())?;
        let name = registry
            .command_aliases
            .get(name)
            .map_or(name, String::as_str);
        ids.insert(name.to_owned(), id);
    }
    Ok(ids)
}
