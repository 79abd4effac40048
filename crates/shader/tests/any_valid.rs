//! Whatever valid shader comes, GLSL comes out that compiles, or a refusal.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use shader::back::glsl::{Key, Target, Version, write};
use shader::front::tgsi::parse;
use shader::ir::{
    Class, Component, Destination, File, Index, IndirectIndex, Instruction, Opcode, OperandType,
    Register, Shader, Source, Texture, WriteMask,
};
use shader::valid::Valid;

/// Registers for every file that a vertex or fragment shader reads and writes.
const REGISTERS: &str = "DCL TEMP[0..3]\nDCL TEMP[4..7], ARRAY(1), LOCAL\nDCL ADDR[0]\n\
    DCL CONST[0..3]\nDCL CONST[1][0..3]\nDCL SAMP[0..3]\nDCL SVIEW[0], 2D, FLOAT\n\
    DCL SVIEW[1], CUBE, UINT\nDCL SVIEW[2], SHADOW2D, FLOAT\nIMM[0] UINT32 {0, 1, 2, 3}\n\
    IMM[1] INT32 {-1, 1, 2, 3}\nEND\n";

fn frame(stage: &str) -> Shader {
    let varyings = match stage {
        "VERT" => "DCL IN[0..3]\nDCL OUT[0], POSITION\nDCL OUT[1..3], GENERIC[4]\n",
        _ => {
            "DCL IN[0], POSITION, LINEAR\nDCL IN[1..3], GENERIC[4], PERSPECTIVE\n\
             DCL OUT[0..3], COLOR\n"
        }
    };
    let text = format!("{stage}\n{varyings}{REGISTERS}");
    parse(&text).expect("the frame is TGSI").shader
}

fn component() -> impl Strategy<Value = Component> {
    select(Component::ALL.as_slice())
}

fn index() -> impl Strategy<Value = Index> {
    let indirect = (component(), -4..4_i16).prop_map(|(component, offset)| {
        Index::Indirect(IndirectIndex {
            file: File::Address,
            register: 0,
            component,
            offset,
            array: None,
        })
    });
    prop_oneof![9 => (0..4_i16).prop_map(Index::Direct), 1 => indirect]
}

fn source(kind: OperandType) -> impl Strategy<Value = Source> {
    let files = match kind {
        OperandType::Sampler => vec![File::Sampler],
        _ => vec![
            File::Temporary,
            File::Constant,
            File::Input,
            File::Immediate,
        ],
    };
    let swizzle = [component(), component(), component(), component()];
    let wide = kind.is_wide();
    (select(files), index(), swizzle, any::<(bool, bool)>()).prop_map(
        move |(file, index, swizzle, (absolute, negate))| Source {
            register: Register {
                file,
                dimension: None,
                index: match (file, index) {
                    (File::Immediate, Index::Direct(number)) => Index::Direct(number % 2),
                    (_, index) => index,
                },
            },
            swizzle: if wide { Component::ALL } else { swizzle },
            absolute,
            negate,
        },
    )
}

fn destination(kind: OperandType) -> impl Strategy<Value = Destination> {
    let mask = vec(component(), 1..4);
    let place = (select(vec![File::Temporary, File::Output]), index());
    (place, mask).prop_map(move |((file, index), mask)| Destination {
        register: Register {
            file,
            dimension: None,
            index,
        },
        mask: match kind.is_wide() {
            true => WriteMask::XYZW,
            false => WriteMask::new(&mask).expect("it has components"),
        },
    })
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let flat: Vec<_> = Opcode::ALL
        .iter()
        .copied()
        .filter(|opcode| {
            let class = opcode.info().class;
            matches!(
                class,
                Class::Alu | Class::Texture | Class::Derivative | Class::Kill
            )
        })
        .collect();
    let flags = any::<(bool, bool)>();
    (select(flat), flags, select(shader::ir::Target::ALL)).prop_flat_map(
        |(opcode, (saturate, precise), target)| {
            let info = opcode.info();
            let sources: Vec<_> = info.sources.iter().map(|kind| source(*kind)).collect();
            let kinds = info.destinations.iter();
            let destinations: Vec<_> = kinds.map(|kind| destination(*kind)).collect();
            (destinations, sources).prop_map(move |(destinations, sources)| Instruction {
                opcode,
                saturate,
                precise,
                destinations,
                sources,
                texture: (info.class == Class::Texture).then_some(Texture {
                    target: Some(target),
                    offsets: Vec::new(),
                }),
                memory: None,
                label: None,
            })
        },
    )
}

/// The frame with those of the instructions that keep the rules and can be written.
fn filled(stage: &str, instructions: Vec<Instruction>, target: &Target) -> Valid {
    let frame = frame(stage);
    let mut valid = Valid::new(frame.clone()).expect("the frame keeps the rules");
    let mut shader = frame;
    for instruction in instructions {
        let before = shader.clone();
        let last = shader.instructions.len() - 1;
        shader.instructions.insert(last, instruction);
        match Valid::new(shader.clone()) {
            Ok(more) if write(&more, target, &Key::default()).is_ok() => valid = more,
            _ => shader = before,
        }
    }
    valid
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_compiles(
        stage in select(vec!["VERT", "FRAG"]),
        version in select(vec![330, 400, 460]),
        instructions in vec(instruction(), 1..40),
    ) {
        let target = Target::new(Version::Desktop(version)).expect("there is such a version");
        let valid = filled(stage, instructions, &target);
        let text = write(&valid, &target, &Key::default()).expect("it could be written before");
        if let Some(said) = glslang::complaint(valid.shader().stage, &text.text) {
            return Err(TestCaseError::fail(said));
        }
    }
}

mod glslang;
