//! What each arithmetic operation is in GLSL. Meanings follow `docs/gallium/tgsi.rst` and
//! `src/gallium/auxiliary/tgsi/tgsi_exec.c` in Mesa.

use super::feature::{self, Feature};
use crate::ir::Opcode;

/// How operands are read for an operation, and what the expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Vectors as wide as what is written; a vector comes out.
    Each,
    /// One component at a time.
    Lanes,
    /// The first component of each; it comes out in all.
    Scalar,
    /// So many components of each; one value comes out in all.
    Dot(usize),
    /// All four components of each, and all four come out.
    Whole,
    /// A comparison: the operator and the function for vectors; 1.0 or 0.0 come out.
    One(&'static str, &'static str),
    /// A comparison of which all bits or none come out.
    Mask(&'static str, &'static str),
}

/// One row of the table.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) shape: Shape,
    /// The expression: `$a` to `$d` are the operands, `$f`, `$i` and `$u` the types of
    /// floats and integers as wide as they are.
    pub(super) text: &'static str,
    /// What the target needs for it.
    pub(super) feature: Option<&'static Feature>,
    /// A function of ours that the expression calls.
    pub(super) function: Option<&'static str>,
}

const LT: (&str, &str) = ("<", "lessThan");
const LE: (&str, &str) = ("<=", "lessThanEqual");
const GT: (&str, &str) = (">", "greaterThan");
const GE: (&str, &str) = (">=", "greaterThanEqual");
const EQ: (&str, &str) = ("==", "equal");
const NE: (&str, &str) = ("!=", "notEqual");

const fn plain(shape: Shape, text: &'static str) -> Option<Form> {
    Some(Form {
        shape,
        text,
        feature: None,
        function: None,
    })
}

const fn form(shape: Shape, text: &'static str, feature: &'static Feature) -> Option<Form> {
    Some(Form {
        shape,
        text,
        feature: Some(feature),
        function: None,
    })
}

const fn call(text: &'static str, function: &'static str) -> Option<Form> {
    Some(Form {
        shape: Shape::Lanes,
        text,
        feature: Some(&feature::BITS),
        function: Some(function),
    })
}

/// The upper halves of products.
const UMUL_HI: &str = "uint umul_hi(uint a, uint b) {
uint high, low;
umulExtended(a, b, high, low);
return high;
}
";
const IMUL_HI: &str = "int imul_hi(int a, int b) {
int high, low;
imulExtended(a, b, high, low);
return high;
}
";

const fn each(text: &'static str) -> Option<Form> {
    plain(Shape::Each, text)
}

const fn scalar(text: &'static str) -> Option<Form> {
    plain(Shape::Scalar, text)
}

const fn whole(text: &'static str) -> Option<Form> {
    plain(Shape::Whole, text)
}

const fn dot(width: usize, text: &'static str) -> Option<Form> {
    plain(Shape::Dot(width), text)
}

const fn one((operator, function): (&'static str, &'static str)) -> Option<Form> {
    plain(Shape::One(operator, function), "")
}

const fn mask((operator, function): (&'static str, &'static str)) -> Option<Form> {
    plain(Shape::Mask(operator, function), "")
}

/// The row of an operation; nothing for those that are written otherwise or not at all.
pub(super) const fn row(opcode: Opcode) -> Option<Form> {
    use Opcode as O;
    match opcode {
        O::Mov => each("$a"),
        O::Uarl => each("$i($a)"),
        O::Arl => each("$i(floor($a))"),
        O::Arr => each("$i(roundEven($a))"),
        O::Mul => each("$a * $b"),
        O::Add => each("$a + $b"),
        O::Sub => each("$a - $b"),
        O::Mad => each("$a * $b + $c"),
        O::Fma => form(Shape::Each, "fma($a, $b, $c)", &feature::FMA),
        O::Div => each("$a / $b"),
        O::Min => each("min($a, $b)"),
        O::Max => each("max($a, $b)"),
        O::Lrp => each("mix($c, $b, $a)"),
        O::Frc => each("fract($a)"),
        O::Flr => each("floor($a)"),
        O::Ceil => each("ceil($a)"),
        O::Trunc => each("trunc($a)"),
        O::Round => each("roundEven($a)"),
        O::Abs => each("abs($a)"),
        O::Ssg | O::Issg => each("sign($a)"),
        O::Cmp => plain(Shape::Lanes, "$a < 0.0 ? $b : $c"),
        O::Ucmp => plain(Shape::Lanes, "$a != 0u ? $b : $c"),
        O::Ldexp => form(Shape::Each, "ldexp($a, $b)", &feature::BITS),
        O::Rcp => scalar("1.0 / $a"),
        O::Rsq => scalar("inversesqrt($a)"),
        O::Sqrt => scalar("sqrt($a)"),
        O::Ex2 => scalar("exp2($a)"),
        O::Lg2 => scalar("log2($a)"),
        O::Pow => scalar("pow($a, $b)"),
        O::Cos => scalar("cos($a)"),
        O::Sin => scalar("sin($a)"),
        O::Dp2 => dot(2, "dot($a, $b)"),
        O::Dp3 => dot(3, "dot($a, $b)"),
        O::Dp4 => dot(4, "dot($a, $b)"),
        O::Dph => dot(4, "dot(vec4($a.xyz, 1.0), $b)"),
        O::Xpd => whole("vec4(cross($a.xyz, $b.xyz), 1.0)"),
        O::Dst => whole("vec4(1.0, $a.y * $b.y, $a.z, $b.w)"),
        O::Scs => whole("vec4(cos($a.x), sin($a.x), 0.0, 1.0)"),
        O::Lit => whole(
            "vec4(1.0, max($a.x, 0.0), \
             $a.x > 0.0 ? pow(max($a.y, 0.0), clamp($a.w, -128.0, 128.0)) : 0.0, 1.0)",
        ),
        O::Exp => whole("vec4(exp2(floor($a.x)), fract($a.x), exp2($a.x), 1.0)"),
        O::Log => whole(
            "vec4(floor(log2(abs($a.x))), abs($a.x) / exp2(floor(log2(abs($a.x)))), \
             log2(abs($a.x)), 1.0)",
        ),
        O::Pk2H => form(Shape::Dot(2), "packHalf2x16($a)", &feature::PACKING),
        O::Up2H => form(Shape::Whole, "unpackHalf2x16($a.x).xyxy", &feature::PACKING),
        O::Pk2Us => form(Shape::Dot(2), "packUnorm2x16($a)", &feature::PACKING),
        O::Pk4B => form(Shape::Dot(4), "packSnorm4x8($a)", &feature::PACKING),
        O::Pk4Ub => form(Shape::Dot(4), "packUnorm4x8($a)", &feature::PACKING),
        O::Up2Us => form(
            Shape::Whole,
            "unpackUnorm2x16($a.x).xyxy",
            &feature::PACKING,
        ),
        O::Up4B => form(Shape::Whole, "unpackSnorm4x8($a.x)", &feature::PACKING),
        O::Up4Ub => form(Shape::Whole, "unpackUnorm4x8($a.x)", &feature::PACKING),
        O::Clock => form(
            Shape::Whole,
            "uvec4(clock2x32ARB(), 0u, 0u)",
            &feature::CLOCK,
        ),
        O::Slt => one(LT),
        O::Sle => one(LE),
        O::Sgt => one(GT),
        O::Sge => one(GE),
        O::Seq => one(EQ),
        O::Sne => one(NE),
        O::Fslt | O::Islt | O::Uslt => mask(LT),
        O::Fsge | O::Isge | O::Usge => mask(GE),
        O::Fseq | O::Useq => mask(EQ),
        O::Fsne | O::Usne => mask(NE),
        _ => integer(opcode),
    }
}

const fn integer(opcode: Opcode) -> Option<Form> {
    use Opcode as O;
    match opcode {
        O::F2I => each("$i($a)"),
        O::F2U => each("$u($a)"),
        O::I2F | O::U2F => each("$f($a)"),
        O::Not => each("~$a"),
        O::And => each("$a & $b"),
        O::Or => each("$a | $b"),
        O::Xor => each("$a ^ $b"),
        O::Shl => each("$a << ($b & 31u)"),
        O::Ishr | O::Ushr => each("$a >> ($b & 31u)"),
        O::Uadd => each("$a + $b"),
        O::Umul => each("$a * $b"),
        O::Umad => each("$a * $b + $c"),
        O::Udiv | O::Idiv => each("$a / $b"),
        O::Umod | O::Mod => each("$a % $b"),
        O::Imin | O::Umin => each("min($a, $b)"),
        O::Imax | O::Umax => each("max($a, $b)"),
        O::Ineg => each("-$a"),
        O::Iabs => each("abs($a)"),
        O::ImulHi => call("imul_hi($a, $b)", IMUL_HI),
        O::UmulHi => call("umul_hi($a, $b)", UMUL_HI),
        O::Ibfe => form(Shape::Lanes, "bitfieldExtract($a, $b, $c)", &feature::BITS),
        O::Ubfe => form(
            Shape::Lanes,
            "bitfieldExtract($a, int($b), int($c))",
            &feature::BITS,
        ),
        O::Bfi => form(
            Shape::Lanes,
            "bitfieldInsert($a, $b, int($c), int($d))",
            &feature::BITS,
        ),
        O::Brev => form(Shape::Each, "bitfieldReverse($a)", &feature::BITS),
        O::Popc => form(Shape::Each, "bitCount($a)", &feature::BITS),
        O::Lsb => form(Shape::Each, "findLSB($a)", &feature::BITS),
        O::Imsb | O::Umsb => form(Shape::Each, "findMSB($a)", &feature::BITS),
        O::Ddx => each("dFdx($a)"),
        O::Ddy => each("dFdy($a)"),
        O::DdxFine => form(Shape::Each, "dFdxFine($a)", &feature::FINE_DERIVATIVES),
        O::DdyFine => form(Shape::Each, "dFdyFine($a)", &feature::FINE_DERIVATIVES),
        _ => None,
    }
}
