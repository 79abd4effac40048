//! Doubles on OpenGL ES, which has none: each operation against the processor's.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::scene::{Scene, WHOLE, text};
use common::{both, resource, whole};
use wire::Guest as Bytes;
use wire_virgl::{
    BindFlags, BufferSlot, Chunk, Command, LaunchGrid, Object, Shader, ShaderExtra, ShaderStage,
    Slots, StageSlots,
};

/// What is special, what is near it, and what makes each way of rounding happen.
const NUMBERS: [f64; 32] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.5,
    -3.5,
    1.0 / 3.0,
    -2.0 / 7.0,
    std::f64::consts::PI,
    1e-3,
    -123_456.789,
    4_503_599_627_370_495.5,
    4_503_599_627_370_497.0,
    -9_007_199_254_740_993.0,
    2_147_483_647.75,
    -2_147_483_648.5,
    4_294_967_295.5,
    1.000_000_000_000_000_2,
    0.999_999_999_999_999_9,
    1e150,
    -1e-150,
    1e300,
    f64::MAX,
    f64::MIN_POSITIVE,
    -2.5e-308,
    5e-324,
    -1.7e-310,
    16_777_217.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

const INPUTS: usize = NUMBERS.len() * NUMBERS.len();
const BYTES: u32 = INPUTS as u32 * 24;

fn pairs() -> impl Iterator<Item = (f64, f64)> {
    NUMBERS
        .into_iter()
        .flat_map(|a| NUMBERS.into_iter().map(move |b| (a, b)))
}

/// What the operation gives of each pair: two words.
fn results(operation: &str) -> Vec<[u32; 2]> {
    let [_, es] = both();
    let mut scene = Scene::new(es, WHOLE);
    let source = format!(
        "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 1\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
         PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL SV[0], BLOCK_ID\nDCL BUFFER[0]\nDCL TEMP[0..3]\n\
         IMM[0] UINT32 {{16, 8, {}, 0}}\n\
         0: UMUL TEMP[0].x, SV[0].xxxx, IMM[0].xxxx\n\
         1: LOAD TEMP[1], BUFFER[0], TEMP[0].xxxx\n\
         2: MOV TEMP[2].xy, TEMP[1].zwzw\n\
         3: {operation}\n\
         4: UMUL TEMP[0].x, SV[0].xxxx, IMM[0].yyyy\n\
         5: UADD TEMP[0].x, TEMP[0].xxxx, IMM[0].zzzz\n\
         6: STORE BUFFER[0].xy, TEMP[0].xxxx, TEMP[3].xyxy\n  7: END\n",
        INPUTS * 16
    );
    let source = text(&source);
    let shader = scene.make(Object::Shader(Shader {
        stage: ShaderStage::Compute,
        chunk: Chunk::First {
            total: source.len() as u32,
        },
        num_tokens: 100,
        extra: ShaderExtra::SharedMemory(0),
        text: Bytes::new(&source),
    }));
    let buffer = scene.guest.buffer(BYTES, BindFlags::SHADER_BUFFER).id;
    let bytes = pairs().flat_map(|(a, b)| [a.to_le_bytes(), b.to_le_bytes()]);
    let mut bytes: Vec<u8> = bytes.flatten().collect();
    bytes.resize(BYTES as usize, 0);
    scene.guest.put(buffer, &whole([BYTES, 1, 1]), &bytes);
    scene.guest.run(&[
        Command::BindShader(Some(shader), ShaderStage::Compute),
        Command::SetShaderBuffers(StageSlots {
            stage: ShaderStage::Compute,
            slots: Slots {
                start: 0,
                values: vec![BufferSlot {
                    offset: 0,
                    length: BYTES,
                    resource: Some(resource(buffer)),
                }],
            },
        }),
        Command::LaunchGrid(LaunchGrid {
            block: [1, 1, 1],
            grid: [INPUTS as u32, 1, 1],
            indirect: None,
            indirect_offset: 0,
        }),
    ]);
    let read = scene
        .guest
        .get(buffer, &whole([BYTES, 1, 1]), BYTES as usize);
    let words = read[INPUTS * 16..].as_chunks::<4>().0;
    let words = words.iter().map(|word| u32::from_le_bytes(*word));
    words.collect::<Vec<_>>().as_chunks::<2>().0.to_vec()
}

/// The bits are the same, or both are no number.
fn check_doubles(operation: &str, expected: impl Fn(f64, f64) -> f64) {
    for ((a, b), [low, high]) in pairs().zip(results(operation)) {
        let found = f64::from_bits(u64::from(high) << 32 | u64::from(low));
        let expected = expected(a, b);
        let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
        assert!(
            same,
            "{operation} of {a:e} and {b:e}: {found:e}, not {expected:e}"
        );
    }
}

fn check_words(operation: &str, expected: impl Fn(f64, f64) -> u32) {
    for ((a, b), [found, _]) in pairs().zip(results(operation)) {
        let expected = expected(a, b);
        assert_eq!(found, expected, "{operation} of {a:e} and {b:e}");
    }
}

#[test]
fn arithmetic() {
    check_doubles("DADD TEMP[3].xy, TEMP[1], TEMP[2]", |a, b| a + b);
    check_doubles("DADD TEMP[3].xy, TEMP[1], -TEMP[2]", |a, b| a - b);
    check_doubles("DMUL TEMP[3].xy, TEMP[1], TEMP[2]", |a, b| a * b);
    check_doubles("DDIV TEMP[3].xy, TEMP[1], TEMP[2]", |a, b| a / b);
    check_doubles("DMAD TEMP[3].xy, TEMP[1], TEMP[2], TEMP[1]", |a, b| {
        a * b + a
    });
    check_doubles("DSQRT TEMP[3].xy, TEMP[1]", |a, _| a.sqrt());
    check_doubles("DRCP TEMP[3].xy, TEMP[1]", |a, _| 1.0 / a);
}

#[test]
fn rounding() {
    check_doubles("DTRUNC TEMP[3].xy, TEMP[1]", |a, _| a.trunc());
    check_doubles("DFLR TEMP[3].xy, TEMP[1]", |a, _| a.floor());
    check_doubles("DCEIL TEMP[3].xy, TEMP[1]", |a, _| a.ceil());
    check_doubles("DROUND TEMP[3].xy, TEMP[1]", |a, _| a.round_ties_even());
    check_doubles("DFRAC TEMP[3].xy, TEMP[1]", |a, _| a - a.floor());
    check_doubles("DADD_SAT TEMP[3].xy, TEMP[1], TEMP[2]", |a, b| {
        match a + b {
            sum if sum.is_nan() => 0.0,
            sum if sum == 0.0 => sum,
            sum => sum.clamp(0.0, 1.0),
        }
    });
}

#[test]
fn comparisons() {
    let mask = |holds: bool| if holds { u32::MAX } else { 0 };
    check_words("DSLT TEMP[3].x, TEMP[1], TEMP[2]", |a, b| mask(a < b));
    check_words("DSGE TEMP[3].x, TEMP[1], TEMP[2]", |a, b| mask(a >= b));
    check_words("DSEQ TEMP[3].x, TEMP[1], TEMP[2]", |a, b| mask(a == b));
    check_words("DSNE TEMP[3].x, TEMP[1], TEMP[2]", |a, b| mask(a != b));
}

#[test]
fn conversions() {
    check_words("D2I TEMP[3].x, TEMP[1]", |a, _| (a as i32).cast_unsigned());
    check_words("D2U TEMP[3].x, TEMP[1]", |a, _| a as u32);
    // Subnormal floats are the driver's to keep or not.
    for ((a, _), [found, _]) in pairs().zip(results("D2F TEMP[3].x, TEMP[1]")) {
        let (found, expected) = (f32::from_bits(found), a as f32);
        let same = found.to_bits() == expected.to_bits()
            || found.is_nan() && expected.is_nan()
            || expected.is_subnormal() && found == 0.0;
        assert!(same, "{a:e}: {found:e}, not {expected:e}");
    }
    let word = |a: f64| a.to_bits() as u32;
    check_doubles("I2D TEMP[3].xy, TEMP[1].xxxx", |a, _| {
        word(a).cast_signed().into()
    });
    check_doubles("U2D TEMP[3].xy, TEMP[1].xxxx", |a, _| word(a).into());
    check_doubles("F2D TEMP[3].xy, TEMP[1].yyyy", |a, _| {
        f32::from_bits((a.to_bits() >> 32) as u32).into()
    });
}
