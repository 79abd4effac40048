//! Each rule is broken by a shader that keeps all the others.

use shader::Error;
use shader::front::tgsi::parse;
use shader::limits::MAX_NESTING;
use shader::valid::{Rule, Valid};

/// What a shader of the stage needs before it means anything.
fn head(stage: &str) -> &'static str {
    match stage {
        "GEOM" => {
            "PROPERTY GS_INPUT_PRIMITIVE TRIANGLES\nPROPERTY GS_OUTPUT_PRIMITIVE POINTS\n\
             PROPERTY GS_MAX_OUTPUT_VERTICES 1\nDCL IN[][0], POSITION\n"
        }
        "TESS_CTRL" => "PROPERTY TCS_VERTICES_OUT 3\nDCL IN[][0], POSITION\n",
        "TESS_EVAL" => "PROPERTY TES_PRIM_MODE 4\nDCL IN[][0], POSITION\n",
        "COMP" => {
            "PROPERTY CS_FIXED_BLOCK_WIDTH 1\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n\
             PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL MEMORY[0], SHARED\n"
        }
        "FRAG" => {
            "DCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0..2]\n\
             DCL SVIEW[0], 2D, FLOAT\nDCL SVIEW[1], CUBE, FLOAT\n"
        }
        _ => "DCL IN[0]\nDCL OUT[0], POSITION\n",
    }
}

/// Registers that every shader here has.
const REGISTERS: &str = "DCL TEMP[0..3]\nDCL TEMP[4..7], ARRAY(1), LOCAL\nDCL ADDR[0]\n\
    DCL CONST[0..3]\nDCL CONST[1][0..3]\nDCL BUFFER[0]\nDCL HWATOMIC[0][0]\n\
    DCL IMAGE[0], 2D, PIPE_FORMAT_R32_UINT, WR\nDCL IMAGE[1], 2D, PIPE_FORMAT_R32_UINT\n\
    DCL IMAGE[2], 2D, PIPE_FORMAT_NONE, WR\nIMM[0] UINT32 {0, 1, 2, 3}\n";

/// A shader of the stage with these lines. Declarations and instructions may be mixed.
fn shader(stage: &str, lines: &str) -> String {
    format!("{stage}\n{}{REGISTERS}{lines}\nEND\n", head(stage))
}

/// What the rules say of the text.
fn verdict(text: &str) -> Result<(), Rule> {
    let parsed = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    match Valid::new(parsed.shader) {
        Ok(_) => Ok(()),
        Err(Error::Broken { rule, site }) => {
            let place = parsed.places.position(site);
            assert_eq!(place.is_none(), site == shader::valid::Site::Shader);
            Err(rule)
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn shaders_that_keep_the_rules_pass() {
    let any = [
        "MOV TEMP[0], CONST[1][3]",
        "ARL ADDR[0].x, TEMP[0]\nMOV TEMP[ADDR[0].x+3](1), TEMP[TEMP[0].y-1]",
        "UARL ADDR[0].x, TEMP[0]\nMOV TEMP[0], CONST[ADDR[0].x][ADDR[0].x]",
        "DADD TEMP[0].zw, TEMP[1].xyzw, TEMP[1].zwxy",
        "D2F TEMP[0].z, TEMP[1].zwww",
        "DFRACEXP TEMP[0].xy, TEMP[1].x, TEMP[2].xyzw",
        "BGNLOOP\nUIF TEMP[0]\nBRK\nELSE\nCONT\nENDIF\nENDLOOP",
        "SWITCH TEMP[0]\nCASE IMM[0]\nBRK\nDEFAULT\nENDSWITCH",
        "LOAD TEMP[0], IMAGE[0], TEMP[1], 2D, PIPE_FORMAT_R32_UINT",
        "STORE IMAGE[2], TEMP[0], TEMP[1], 2D",
        "STORE BUFFER[0].x, IMM[0].xxxx, TEMP[0]",
        "ATOMUADD TEMP[0].x, HWATOMIC[0][0], IMM[0].xxxx, IMM[0].yyyy",
        "RESQ TEMP[0].xy, IMAGE[1], 2D",
        "LOAD TEMP[0], IMAGE[-1], TEMP[1], 2D, PIPE_FORMAT_R32_UINT",
        "RET",
    ];
    for stage in ["VERT", "TESS_CTRL", "TESS_EVAL", "GEOM", "FRAG", "COMP"] {
        for lines in any {
            let text = shader(stage, lines);
            assert_eq!(verdict(&text), Ok(()), "{text}");
        }
    }
    let some = [
        ("VERT", "MOV_SAT OUT[0].xy, IN[0]"),
        (
            "GEOM",
            "DCL OUT[0], POSITION, STREAM(0, 0, 0, 1)\nMOV OUT[0], IN[2][0]\nEMIT IMM[0].xxxx",
        ),
        ("GEOM", "MOV TEMP[0], IN[ADDR[0].x+1][0]"),
        (
            "TESS_CTRL",
            "DCL OUT[][0], POSITION\nMOV OUT[ADDR[0].x][0], IN[31][0]\nBARRIER\nMOV TEMP[0], OUT[1][0]",
        ),
        ("TESS_CTRL", "DCL OUT[0], PATCH[3]\nMOV OUT[0], TEMP[0]"),
        ("TESS_CTRL", "DCL IN[1], PRIM_ID\nMOV TEMP[0], IN[1]"),
        (
            "GEOM",
            "DCL IN[][1], PRIM_ID\nMOV TEMP[0], IN[0][1]\nADD TEMP[0], TEMP[0], IN[1]",
        ),
        (
            "TESS_EVAL",
            "DCL IN[1], PATCH\nDCL SV[0], TESSCOORD\nMOV TEMP[0], IN[1]",
        ),
        (
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[0], 2D, IMM[0].xyz\nTXB TEMP[0], IN[0], SAMP[1], CUBE",
        ),
        (
            "FRAG",
            "TG4 TEMP[0], TEMP[0], IMM[0].xxxx, SAMP[0], 2D, IMM[0].xyz, IMM[0].xyz, TEMP[0].xyz, TEMP[0].zwx",
        ),
        (
            "FRAG",
            "TXF TEMP[0], TEMP[0], SAMP[2], BUFFER\nTXQS TEMP[0].x, SAMP[2], 2D_MSAA",
        ),
        (
            "FRAG",
            "INTERP_SAMPLE TEMP[0], IN[0], IMM[0].xxxx\nFBFETCH TEMP[0], OUT[0]\nKILL",
        ),
        (
            "FRAG",
            "DCL IN[1], COLOR, COLOR, CENTROID\nDDX TEMP[0], IN[1]",
        ),
        (
            "COMP",
            "STORE MEMORY[1].x, IMM[0].xxxx, TEMP[0]\nBARRIER\nMEMBAR IMM[0].xxxx",
        ),
    ];
    for (stage, lines) in some {
        let text = shader(stage, lines);
        assert_eq!(verdict(&text), Ok(()), "{text}");
    }
}

#[test]
fn each_rule_is_broken_alone() {
    use Rule as R;
    let deep = format!(
        "{}{}",
        "IF TEMP[0]\n".repeat(MAX_NESTING),
        "ENDIF\n".repeat(MAX_NESTING)
    );
    assert_eq!(verdict(&shader("VERT", &deep)), Ok(()));
    let too_deep = format!("IF TEMP[0]\n{deep}ENDIF");
    let broken = [
        (
            R::PropertyOfAnotherStage,
            "VERT",
            "PROPERTY GS_INVOCATIONS 1",
        ),
        (
            R::PropertyOfAnotherStage,
            "COMP",
            "PROPERTY FS_COORD_ORIGIN UPPER_LEFT",
        ),
        (R::PropertyValue, "GEOM", "PROPERTY GS_INVOCATIONS 33"),
        (R::PropertyValue, "GEOM", "PROPERTY GS_INVOCATIONS 0"),
        (R::PropertyValue, "VERT", "PROPERTY NUM_CLIPDIST_ENABLED 9"),
        (R::FileOfAnotherStage, "COMP", "DCL OUT[0], GENERIC[0]"),
        (R::FileOfAnotherStage, "FRAG", "DCL MEMORY[1], SHARED"),
        (R::Dimensions, "VERT", "DCL IN[][1]"),
        (R::Dimensions, "GEOM", "DCL IN[1], GENERIC[0]"),
        (R::Dimensions, "VERT", "DCL HWATOMIC[1]"),
        (R::Dimensions, "VERT", "DCL TEMP[1][8]"),
        (R::Dimensions, "VERT", "MOV TEMP[0], TEMP[0][0]"),
        (R::Dimensions, "GEOM", "MOV TEMP[0], IN[0]"),
        (R::SemanticOfAnotherStage, "VERT", "DCL IN[1], GENERIC[0]"),
        (R::SemanticOfAnotherStage, "VERT", "DCL OUT[1]"),
        (R::SemanticOfAnotherStage, "VERT", "DCL OUT[1], STENCIL"),
        (R::SemanticOfAnotherStage, "FRAG", "DCL OUT[1], GENERIC[0]"),
        (
            R::SemanticOfAnotherStage,
            "FRAG",
            "DCL IN[1], PATCH, PERSPECTIVE",
        ),
        (R::SemanticOfAnotherStage, "FRAG", "DCL SV[0], VERTEXID"),
        (R::SemanticOfAnotherStage, "VERT", "DCL SV[0], GENERIC"),
        (
            R::Interpolation,
            "VERT",
            "DCL OUT[1], GENERIC[0], PERSPECTIVE",
        ),
        (R::Interpolation, "VERT", "DCL OUT[1], GENERIC[0], CENTROID"),
        (
            R::Stream,
            "VERT",
            "DCL OUT[1], GENERIC[0], STREAM(0, 1, 0, 0)",
        ),
        (R::DeclaredTwice, "VERT", "DCL TEMP[7..8]"),
        (
            R::DeclaredTwice,
            "VERT",
            "DCL OUT[1].xy, GENERIC[0]\nDCL OUT[1].yz, GENERIC[1]",
        ),
        (R::ArrayTwice, "VERT", "DCL TEMP[8], ARRAY(1)"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], TEMP[8]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], TEMP[-1]"),
        (
            R::NotDeclared,
            "VERT",
            "STORE MEMORY[0].x, TEMP[0], TEMP[0]",
        ),
        (R::NotDeclared, "VERT", "MOV TEMP[8], TEMP[0]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], IMM[1]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], CONST[2][0]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], CONST[1][4]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], SV[ADDR[0].x]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], TEMP[ADDR[1].x]"),
        (R::NotDeclared, "VERT", "MOV TEMP[0], IN[0][0]"),
        (R::NotDeclared, "GEOM", "MOV TEMP[0], IN[32][0]"),
        (R::NotDeclared, "FRAG", "TEX TEMP[0], TEMP[0], SAMP[3], 2D"),
        (
            R::NotDeclared,
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[0], 2D, IMM[1].xyz",
        ),
        (
            R::ArrayNotDeclared,
            "VERT",
            "MOV TEMP[0], TEMP[ADDR[0].x](2)",
        ),
        (R::IndexFile, "VERT", "MOV TEMP[0], TEMP[CONST[0].x]"),
        (R::NotWritable, "VERT", "MOV CONST[0], TEMP[0]"),
        (R::NotWritable, "VERT", "MOV ADDR[0].x, TEMP[0]"),
        (R::NotReadable, "VERT", "MOV TEMP[0], ADDR[0]"),
        (R::NotReadable, "VERT", "MOV TEMP[0], OUT[0]"),
        (R::NotReadable, "VERT", "MOV TEMP[0], NULL[0]"),
        (
            R::NotReadable,
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[0], 2D, ADDR[0].xyz",
        ),
        (R::OperandKind, "VERT", "MOV TEMP[0], IMAGE[0]"),
        (R::OperandKind, "VERT", "LOAD TEMP[0], TEMP[0], TEMP[0]"),
        (R::OperandKind, "VERT", "STORE TEMP[0], TEMP[0], TEMP[0]"),
        (R::OperandKind, "FRAG", "TEX TEMP[0], TEMP[0], TEMP[0], 2D"),
        (
            R::OperandKind,
            "FRAG",
            "SAMPLE TEMP[0], TEMP[0], SAMP[0], SAMP[0]",
        ),
        (R::OperandKind, "FRAG", "INTERP_CENTROID TEMP[0], TEMP[0]"),
        (R::OperandKind, "FRAG", "FBFETCH TEMP[0], IN[0]"),
        (R::OperandKind, "COMP", "RESQ TEMP[0].x, MEMORY[0]"),
        (R::NotAPair, "VERT", "DMUL TEMP[0].xyz, TEMP[1], TEMP[1]"),
        (
            R::NotAPair,
            "VERT",
            "DMUL TEMP[0].xy, TEMP[1].yzxy, TEMP[1]",
        ),
        (R::NotAPair, "VERT", "DMUL TEMP[0], TEMP[1].xyyz, TEMP[1]"),
        (R::NotAPair, "VERT", "D2F TEMP[0].xy, TEMP[1].xyyy"),
        (R::Saturate, "VERT", "UADD_SAT TEMP[0], TEMP[0], TEMP[0]"),
        (R::OperationOfAnotherStage, "VERT", "KILL"),
        (R::OperationOfAnotherStage, "VERT", "DDX TEMP[0], TEMP[0]"),
        (R::OperationOfAnotherStage, "FRAG", "EMIT IMM[0].xxxx"),
        (R::OperationOfAnotherStage, "FRAG", "BARRIER"),
        (
            R::OperationOfAnotherStage,
            "VERT",
            "DCL SAMP[0]\nTXB TEMP[0], TEMP[0], SAMP[0], 2D",
        ),
        (R::Subroutine, "VERT", "CAL :0"),
        (R::Subroutine, "VERT", "BGNSUB"),
        (R::NotOpen, "VERT", "ENDIF"),
        (R::NotOpen, "VERT", "ELSE"),
        (R::NotOpen, "VERT", "BGNLOOP\nENDIF\nENDLOOP"),
        (R::NotOpen, "VERT", "IF TEMP[0]\nBRK\nENDIF"),
        (
            R::NotOpen,
            "VERT",
            "SWITCH TEMP[0]\nCASE IMM[0]\nCONT\nENDSWITCH",
        ),
        (R::NotOpen, "VERT", "CASE IMM[0]"),
        (R::StillOpen, "VERT", "IF TEMP[0]"),
        (R::TooDeep, "VERT", &too_deep),
        (R::SecondBranch, "VERT", "IF TEMP[0]\nELSE\nELSE\nENDIF"),
        (
            R::SecondBranch,
            "VERT",
            "SWITCH TEMP[0]\nDEFAULT\nDEFAULT\nENDSWITCH",
        ),
        (R::BeforeCase, "VERT", "SWITCH TEMP[0]\nNOP\nENDSWITCH"),
        (R::End, "VERT", "END"),
        (R::Target, "FRAG", "TEX TEMP[0], TEMP[0], SAMP[0], CUBE"),
        (R::Target, "VERT", "LOAD TEMP[0], IMAGE[0], TEMP[0], 3D"),
        (R::Target, "VERT", "LOAD TEMP[0], BUFFER[0], TEMP[0], 2D"),
        (
            R::TargetOfAnotherOperation,
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[2], BUFFER",
        ),
        (
            R::TargetOfAnotherOperation,
            "FRAG",
            "TXQS TEMP[0], SAMP[0], 2D",
        ),
        (
            R::TargetOfAnotherOperation,
            "FRAG",
            "TG4 TEMP[0], TEMP[0], IMM[0], SAMP[2], 3D",
        ),
        (
            R::Offsets,
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[0], 2D, IMM[0].xyz, IMM[0].xyz",
        ),
        (
            R::Offsets,
            "FRAG",
            "TEX TEMP[0], TEMP[0], SAMP[1], CUBE, IMM[0].xyz",
        ),
        (
            R::Offsets,
            "FRAG",
            "TXQ TEMP[0], TEMP[0], SAMP[0], 2D, IMM[0].xyz",
        ),
        (
            R::ImageAccess,
            "VERT",
            "LOAD TEMP[0], IMAGE[2], TEMP[0], 2D",
        ),
        (
            R::ImageAccess,
            "VERT",
            "STORE IMAGE[1], TEMP[0], TEMP[0], 2D",
        ),
        (
            R::ImageAccess,
            "VERT",
            "ATOMUADD TEMP[0], IMAGE[1], TEMP[0], TEMP[0], 2D",
        ),
    ];
    for (rule, stage, lines) in broken {
        let text = shader(stage, lines);
        assert_eq!(verdict(&text), Err(rule), "{text}");
    }
}

#[test]
fn a_stage_needs_its_properties() {
    for stage in ["TESS_CTRL", "TESS_EVAL", "GEOM", "COMP"] {
        let text = format!("{stage}\nEND\n");
        assert_eq!(verdict(&text), Err(Rule::MissingProperty), "{text}");
        for line in head(stage)
            .lines()
            .filter(|line| line.starts_with("PROPERTY"))
        {
            let text = shader(stage, "").replacen(&format!("{line}\n"), "", 1);
            assert_eq!(verdict(&text), Err(Rule::MissingProperty), "{text}");
        }
    }
}

#[test]
fn images_are_declared_if_not_each() {
    let text = "VERT\nDCL TEMP[0]\nLOAD TEMP[0], IMAGE[0], TEMP[0], 2D\nEND\n";
    assert_eq!(verdict(text), Err(Rule::NotDeclared));
}

#[test]
fn a_shader_without_end_is_refused() {
    assert_eq!(verdict("VERT\n"), Err(Rule::End));
    assert_eq!(verdict("VERT\nNOP\n"), Err(Rule::End));
}

#[test]
fn the_place_of_what_breaks_a_rule_is_known() {
    let text = "VERT\nDCL TEMP[0]\n\n  0: MOV TEMP[0], TEMP[1]\n  1: END\n";
    let parsed = parse(text).expect("it is TGSI");
    let Err(Error::Broken { site, .. }) = Valid::new(parsed.shader) else {
        panic!("TEMP[1] is not declared");
    };
    let place = parsed.places.position(site).expect("it is in the text");
    assert_eq!(place.to_string(), "line 4, column 3");
}
