//! What is not TGSI is refused, with its line and column.

use shader::front::tgsi::parse;

/// The text's error, which it has to have.
fn error(text: &str) -> String {
    let error = parse(text).expect_err(text);
    format!("{text:?}\n  {error}")
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let texts = [
        "",
        "PIXEL\n",
        "VERT END",
        "VERT\nEND END\n",
        "VERT\nDCL\n",
        "VERT\nDCL FOO[0]\n",
        "VERT\nDCL IMM[0]\n",
        "VERT\nDCL NULL[0]\n",
        "VERT\nDCL TEMP[40000]\n",
        "VERT\nDCL TEMP[99999999999999999999999]\n",
        "VERT\nDCL TEMP[3..1]\n",
        "VERT\nDCL TEMP[0.1]\n",
        "VERT\nDCL TEMP[-1]\n",
        "VERT\nDCL CONST[0..1][2]\n",
        "VERT\nDCL TEMP[0], ARRAY(0)\n",
        "VERT\nDCL TEMP[0], ARRAY(1024)\n",
        "VERT\nDCL TEMP[0], ARRAY(1), ARRAY(1)\n",
        "VERT\nDCL TEMP[0], LOCAL, LOCAL\n",
        "VERT\nDCL OUT[0].yx, POSITION\n",
        "VERT\nDCL OUT[0].xx, POSITION\n",
        "VERT\nDCL OUT[0]., POSITION\n",
        "VERT\nDCL OUT[0], POZITION\n",
        "VERT\nDCL OUT[0], GENERIC[65536]\n",
        "VERT\nDCL OUT[0], GENERIC[1], GENERIC[2]\n",
        "GEOM\nDCL OUT[0], POSITION, STREAM(0, 0, 0, 4)\n",
        "GEOM\nDCL OUT[0], POSITION, STREAM(0, 0, 0)\n",
        "GEOM\nDCL TEMP[0], STREAM(0, 0, 0, 0)\n",
        "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE[1]\n",
        "FRAG\nDCL SVIEW[0], 2D\n",
        "FRAG\nDCL SVIEW[0], 2D, FLOAT, UINT\n",
        "FRAG\nDCL SVIEW[0], 2D, FLOAT, FLOAT, FLOAT, FLOAT, FLOAT\n",
        "FRAG\nDCL SVIEW[0], 4D, FLOAT\n",
        "FRAG\nDCL IMAGE[0], 2D, PIPE_FORMAT_DXT1_RGB\n",
        "FRAG\nDCL IMAGE[0], 2D, PIPE_FORMAT_NONE, RAW, WR\n",
        "FRAG\nDCL BUFFER[0], SHARED\n",
        "COMP\nDCL MEMORY[0], ATOMIC\n",
        "VERT\nIMM[1] FLT32 {0x00000000, 0x00000000, 0x00000000, 0x00000000}\n",
        "VERT\nIMM[0] FLT16 {0, 0, 0, 0}\n",
        "VERT\nIMM[0] FLT32 {0x000000000, 0, 0, 0}\n",
        "VERT\nIMM[0] FLT32 {0x+1, 0, 0, 0}\n",
        "VERT\nIMM[0] UINT32 {4294967296, 0, 0, 0}\n",
        "VERT\nIMM[0] UINT32 {-1, 0, 0, 0}\n",
        "VERT\nIMM[0] INT32 {2147483648, 0, 0, 0}\n",
        "VERT\nIMM[0] UINT32 {0, 0, 0}\n",
        "VERT\nIMM[0] FLT64 {0, 0, 0}\n",
        "VERT\nPROPERTY COLOR 1\n",
        "VERT\nPROPERTY GS_INVOCATIONS 4294967296\n",
        "VERT\nPROPERTY GS_INVOCATIONS 1, 2\n",
        "VERT\nPROPERTY GS_INVOCATIONS 1\nPROPERTY gs_invocations 1\n",
        "GEOM\nPROPERTY GS_INPUT_PRIMITIVE CIRCLES\n",
        "VERT\n  1: END\n",
        "VERT\n  0 END\n",
        "VERT\n  0: ENDE\n",
        "VERT\n  0: IMG2HND TEMP[0], IMAGE[0]\n",
        "VERT\n  0: MOV_PRECISE_SAT TEMP[0], TEMP[0]\n",
        "VERT\n  0: MOV TEMP[0]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[0], TEMP[0]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[0].xyz\n",
        "VERT\n  0: MOV TEMP[0], TEMP[0].xyzq\n",
        "VERT\n  0: MOV TEMP[0], |TEMP[0]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[32768]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[ADDR[0].x+40000]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[ADDR[0].xy]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[ADDR[TEMP[0].x].x]\n",
        "VERT\n  0: MOV TEMP[0], TEMP[0][0][0]\n",
        "VERT\n  0: UIF TEMP[0] :16777216\n",
        "VERT\n  0: END :1\n",
        "FRAG\n  0: TEX TEMP[0], TEMP[0], SAMP[0]\n",
        "FRAG\n  0: TEX TEMP[0], TEMP[0], SAMP[0], 2D, IMM[0].xyz, IMM[0].xyz, IMM[0].xyz, IMM[0].xyz, IMM[0].xyz\n",
        "FRAG\n  0: TEX TEMP[0], TEMP[0], SAMP[0], 2D, IMM[0].xyzw\n",
        "FRAG\n  0: LOAD TEMP[0], IMAGE[0], TEMP[0], 2D, 3D\n",
        "FRAG\n  0: LOAD TEMP[0], IMAGE[0], TEMP[0], 2D, COHERENT, COHERENT\n",
        "FRAG\n  0: LOAD TEMP[0], IMAGE[0], TEMP[0], SOON\n",
        "FRAG\n  0: MOV TEMP[0], TEMP[0], COHERENT\n",
        "FRAG\n  0: MOV \u{e9}\n",
    ];
    let errors: Vec<_> = texts.into_iter().map(error).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_text_past_the_limit_is_not_read() {
    let text = " ".repeat(shader::limits::MAX_TEXT_BYTES + 1);
    assert!(matches!(
        parse(&text),
        Err(shader::Error::TextTooLong { .. })
    ));
}

#[test]
fn a_count_past_its_limit_is_refused_where_it_passes() {
    let text = format!(
        "VERT\n{}",
        "NOP\n".repeat(shader::limits::MAX_INSTRUCTIONS + 1)
    );
    let error = parse(&text).expect_err("it has one too many");
    assert_eq!(
        error.to_string(),
        "line 262146, column 1: more than 262144 instructions"
    );
    let text = format!("VERT\n{}", "NOP\n".repeat(shader::limits::MAX_INSTRUCTIONS));
    parse(&text).expect("it has as many as may be");
}

#[test]
fn words_may_be_in_either_case_and_numbers_left_out() {
    let plain = "VERT\nDCL OUT[0], POSITION\nIMM[0] FLT32 {0x3f800000, 0x00000000, 0x00000000, 0x00000000}\n  0: MOV_SAT OUT[0].xy, IMM[0].xyxy\n  1: END\n";
    let other = "vert\n\tdcl out [ 0 ] , position\r\nimm flt32 { 1.0, 0 , -0e5, .0 }\nMOV_sat OUT[0].XY, IMM[0].XYXY\nend";
    let other = parse(other).expect("it is TGSI").shader;
    let plain = parse(plain).expect("it is TGSI").shader;
    assert_eq!(other.instructions, plain.instructions);
    assert_eq!(other.declarations, plain.declarations);
    let zero = (-0.0_f32).to_bits();
    let one = 1.0_f32.to_bits();
    assert_eq!(
        other.immediates,
        [shader::ir::Immediate::Float([one, 0, zero, 0])]
    );
}
