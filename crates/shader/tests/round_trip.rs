//! What is written is read as the same shader, whatever the shader.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use shader::back::glsl::{self, Extensions, Key, Version};
use shader::back::tgsi::write;
use shader::front::tgsi::parse;
use shader::ir::*;
use shader::valid::Valid;

fn component() -> impl Strategy<Value = Component> {
    select(Component::ALL.as_slice())
}

fn swizzle() -> impl Strategy<Value = [Component; 4]> {
    [component(), component(), component(), component()]
}

fn mask() -> impl Strategy<Value = WriteMask> {
    vec(component(), 1..4).prop_map(|list| WriteMask::new(&list).expect("it has components"))
}

fn array() -> impl Strategy<Value = Option<ArrayId>> {
    option::of((1..=1023_u16).prop_map(|id| ArrayId::new(id).expect("it is in range")))
}

fn index() -> impl Strategy<Value = Index> {
    let indirect = (
        select(File::ALL),
        0..0x8000_u16,
        component(),
        any::<i16>(),
        array(),
    )
        .prop_map(|(file, register, component, offset, array)| {
            Index::Indirect(IndirectIndex {
                file,
                register,
                component,
                offset,
                array,
            })
        });
    prop_oneof![any::<i16>().prop_map(Index::Direct), indirect]
}

fn register() -> impl Strategy<Value = Register> {
    (select(File::ALL), option::of(index()), index()).prop_map(|(file, dimension, index)| {
        Register {
            file,
            dimension,
            index,
        }
    })
}

fn source() -> impl Strategy<Value = Source> {
    (register(), swizzle(), any::<bool>(), any::<bool>()).prop_map(
        |(register, swizzle, absolute, negate)| Source {
            register,
            swizzle,
            absolute,
            negate,
        },
    )
}

fn destination() -> impl Strategy<Value = Destination> {
    (register(), mask()).prop_map(|(register, mask)| Destination { register, mask })
}

fn texture() -> impl Strategy<Value = Texture> {
    let offset = (
        select(File::ALL),
        0..0x8000_u16,
        [component(), component(), component()],
    )
        .prop_map(|(file, index, swizzle)| TextureOffset {
            file,
            index,
            swizzle,
        });
    (select(Target::ALL), vec(offset, 0..=4)).prop_map(|(target, offsets)| Texture {
        target: Some(target),
        offsets,
    })
}

fn memory() -> impl Strategy<Value = Memory> {
    (
        vec(select(MemoryQualifier::ALL), 0..4),
        option::of(select(Target::ALL)),
        option::of(select(ImageFormat::ALL)),
    )
        .prop_map(|(qualifiers, target, format)| Memory {
            qualifiers: qualifiers
                .into_iter()
                .fold(MemoryQualifiers::default(), MemoryQualifiers::with),
            target,
            format,
        })
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let flags = (any::<bool>(), any::<bool>(), option::of(0..1_u32 << 24));
    (select(Opcode::ALL), flags, texture(), memory()).prop_flat_map(
        |(opcode, (saturate, precise, label), texture, memory)| {
            let info = opcode.info();
            let texture = match info.class {
                Class::Texture => Some(texture),
                Class::Sample => Some(Texture {
                    target: None,
                    ..texture
                }),
                _ => None,
            };
            (
                vec(destination(), info.destinations.len()),
                vec(source(), info.sources.len()),
            )
                .prop_map(move |(destinations, sources)| Instruction {
                    opcode,
                    saturate,
                    precise,
                    destinations,
                    sources,
                    texture: texture.clone(),
                    memory: (info.class == Class::Memory).then_some(memory),
                    label: label.filter(|_| opcode.takes_label()),
                })
        },
    )
}

fn varying() -> impl Strategy<Value = Varying> {
    (
        (select(Semantic::ALL), any::<u16>()),
        [0..4_u8, 0..4_u8, 0..4_u8, 0..4_u8],
        option::of(select(Interpolation::ALL)),
        select(Location::ALL),
    )
        .prop_map(|(semantic, streams, interpolation, location)| Varying {
            semantic: Some(semantic),
            streams,
            interpolation,
            location,
        })
}

fn detail(file: File) -> BoxedStrategy<Detail> {
    let returns = || select(ReturnType::ALL);
    match file {
        File::Input | File::Output | File::SystemValue => {
            varying().prop_map(Detail::Varying).boxed()
        }
        File::SamplerView => (
            select(Target::ALL),
            [returns(), returns(), returns(), returns()],
        )
            .prop_map(|(target, returns)| Detail::SamplerView { target, returns })
            .boxed(),
        File::Image => (
            select(Target::ALL),
            option::of(select(ImageFormat::ALL)),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(target, format, writable, raw)| Detail::Image {
                target,
                format,
                writable,
                raw,
            })
            .boxed(),
        File::Buffer => any::<bool>()
            .prop_map(|atomic| Detail::Buffer { atomic })
            .boxed(),
        File::Memory => select(MemoryKind::ALL)
            .prop_map(|kind| Detail::Memory { kind })
            .boxed(),
        _ => Just(Detail::Plain).boxed(),
    }
}

fn declaration() -> impl Strategy<Value = Declaration> {
    let declared: Vec<_> = File::ALL
        .iter()
        .copied()
        .filter(|file| !matches!(file, File::Null | File::Immediate))
        .collect();
    let place = (any::<bool>(), option::of(0..0x8000_u16));
    let range = (0..0x8000_u16, 0..0x8000_u16);
    let flags = (any::<bool>(), any::<bool>());
    select(declared).prop_flat_map(move |file| {
        (
            place.clone(),
            range.clone(),
            mask(),
            array(),
            flags,
            detail(file),
        )
            .prop_map(
                move |(
                    (per_vertex, dimension),
                    range,
                    usage,
                    array,
                    (local, invariant),
                    detail,
                )| {
                    Declaration {
                        file,
                        per_vertex,
                        dimension: dimension.filter(|_| !per_vertex),
                        first: range.0.min(range.1),
                        last: range.0.max(range.1),
                        usage,
                        array,
                        local,
                        detail,
                        invariant,
                    }
                },
            )
    })
}

/// A NaN of 64 bits has a payload that TGSI cannot spell.
fn double() -> impl Strategy<Value = u64> {
    any::<u64>().prop_map(|bits| match f64::from_bits(bits) {
        value if value.is_nan() => f64::INFINITY.to_bits(),
        _ => bits,
    })
}

fn immediate() -> impl Strategy<Value = Immediate> {
    prop_oneof![
        any::<[u32; 4]>().prop_map(Immediate::Float),
        any::<[u32; 4]>().prop_map(Immediate::Uint),
        any::<[i32; 4]>().prop_map(Immediate::Int),
        [double(), double()].prop_map(Immediate::Double),
        any::<[u64; 2]>().prop_map(Immediate::Uint64),
        any::<[i64; 2]>().prop_map(Immediate::Int64),
    ]
}

fn property() -> impl Strategy<Value = Property> {
    prop_oneof![
        select(Primitive::ALL).prop_map(Property::GsInputPrimitive),
        select(Primitive::ALL).prop_map(Property::GsOutputPrimitive),
        select(Origin::ALL).prop_map(Property::FsCoordOrigin),
        select(PixelCenter::ALL).prop_map(Property::FsCoordPixelCenter),
        select(Stage::ALL).prop_map(Property::NextShader),
        (select(NumericProperty::ALL), any::<u32>())
            .prop_map(|(property, number)| Property::Number(property, number)),
    ]
}

fn shaders() -> impl Strategy<Value = Shader> {
    (
        select(Stage::ALL),
        vec(property(), 0..4),
        vec(declaration(), 0..8),
        vec(immediate(), 0..6),
        vec(instruction(), 0..20),
    )
        .prop_map(
            |(stage, mut properties, declarations, immediates, instructions)| {
                properties.sort_by_key(|property| property.name());
                properties.dedup_by_key(|property| property.name());
                Shader {
                    stage,
                    properties,
                    declarations,
                    immediates,
                    instructions,
                }
            },
        )
}

proptest! {
    /// Whatever the rules say, they come to an end; what they pass is unchanged, and is
    /// written as GLSL or refused.
    #[test]
    fn any_shader_is_held_against_the_rules(shader in shaders()) {
        if let Ok(valid) = Valid::new(shader.clone()) {
            prop_assert_eq!(valid.shader(), &shader);
            let target = glsl::Target::new(Version::Desktop(460));
            let mut target = target.expect("there is such a version");
            target.extensions = Extensions::all();
            let _ = glsl::write(&valid, &target, &Key::default());
        }
    }

    #[test]
    fn what_is_written_is_read_back(shader in shaders()) {
        let text = write(&shader);
        let read = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(read.shader, shader, "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(VERT|FRAG|COMP)\n([A-Z0-9_:\\[\\]{}(),.|+\\- \n]|TEMP|DCL |IMM|MOV |\u{e9})*") {
        if let Ok(read) = parse(&text) {
            prop_assert_eq!(parse(&write(&read.shader)).map(|again| again.shader), Ok(read.shader));
        }
    }

    #[test]
    fn a_changed_byte_is_read_or_refused(shader in shaders(), at in any::<prop::sample::Index>(), byte in b' '..b'~') {
        let mut text = write(&shader).into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        let text = String::from_utf8(text).expect("it is ASCII");
        if let Ok(read) = parse(&text) {
            prop_assert_eq!(parse(&write(&read.shader)).map(|again| again.shader), Ok(read.shader));
        }
    }
}
