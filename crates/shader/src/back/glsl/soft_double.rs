//! Doubles where the language has none (OpenGL ES): pairs of words, and functions on them.

use super::wide::Gives;
use crate::ir::Opcode;

/// What all of them are. They follow IEEE 754 to the last bit, but for subnormal floats, which
/// drivers may take for zero.
pub(super) const FUNCTIONS: &str = include_str!("soft_double.glsl");

/// The expression over operands `$a` to `$c`, as in the table of the languages that have doubles.
pub(super) const fn row(opcode: Opcode) -> Option<(Gives, &'static str)> {
    use Gives as G;
    use Opcode as O;
    Some(match opcode {
        O::Dadd => (G::Double, "double_add($a, $b)"),
        O::Dmul => (G::Double, "double_multiply($a, $b)"),
        O::Ddiv => (G::Double, "double_divide($a, $b)"),
        O::Dmin => (G::Double, "double_min($a, $b)"),
        O::Dmax => (G::Double, "double_max($a, $b)"),
        O::Dmad | O::Dfma => (G::Double, "double_add(double_multiply($a, $b), $c)"),
        O::Dabs => (G::Double, "double_abs($a)"),
        O::Dneg => (G::Double, "double_negate($a)"),
        O::Drcp => (G::Double, "double_divide(DOUBLE_ONE, $a)"),
        O::Dsqrt => (G::Double, "double_sqrt($a)"),
        O::Drsq => (G::Double, "double_divide(DOUBLE_ONE, double_sqrt($a))"),
        O::Dfrac => (G::Double, "double_fract($a)"),
        O::Dtrunc => (G::Double, "double_trunc($a)"),
        O::Dceil => (G::Double, "double_ceil($a)"),
        O::Dflr => (G::Double, "double_floor($a)"),
        O::Dround => (G::Double, "double_round_even($a)"),
        O::Dssg => (G::Double, "double_sign($a)"),
        O::Dldexp => (G::Double, "double_ldexp($a, $b)"),
        O::F2D => (G::Double, "double_from_float($a)"),
        O::I2D => (G::Double, "double_from_int($a)"),
        O::U2D => (G::Double, "double_from_uint($a)"),
        O::D2F => (G::Float, "double_to_float($a)"),
        O::D2I => (G::Int, "double_to_int($a)"),
        O::D2U => (G::Uint, "double_to_uint($a)"),
        O::Dslt => (G::Mask, "double_less($a, $b)"),
        O::Dsge => (G::Mask, "(double_less($b, $a) || double_equal($b, $a))"),
        O::Dseq => (G::Mask, "double_equal($a, $b)"),
        O::Dsne => (G::Mask, "!double_equal($a, $b)"),
        _ => return None,
    })
}
