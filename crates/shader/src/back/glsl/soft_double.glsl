// Doubles as their bits, where the language has none: IEEE 754's binary64, rounded to nearest.
uvec2 wide_left(uvec2 a, int by) {
    if (by <= 0) return a;
    if (by >= 32) return uvec2(0u, by > 63 ? 0u : a.x << uint(by - 32));
    return uvec2(a.x << uint(by), a.y << uint(by) | a.x >> uint(32 - by));
}
uvec2 wide_right(uvec2 a, int by) {
    if (by <= 0) return a;
    if (by >= 32) return uvec2(by > 63 ? 0u : a.y >> uint(by - 32), 0u);
    return uvec2(a.x >> uint(by) | a.y << uint(32 - by), a.y >> uint(by));
}
// What is shifted out leaves a one in the last place.
uvec2 wide_right_sticky(uvec2 a, int by) {
    uvec2 kept = wide_right(a, by);
    if (wide_left(kept, by) != a) kept.x |= 1u;
    return kept;
}
uvec2 wide_add(uvec2 a, uvec2 b) {
    uint low = a.x + b.x;
    return uvec2(low, a.y + b.y + (low < a.x ? 1u : 0u));
}
uvec2 wide_subtract(uvec2 a, uvec2 b) {
    return uvec2(a.x - b.x, a.y - b.y - (a.x < b.x ? 1u : 0u));
}
bool wide_less(uvec2 a, uvec2 b) {
    return a.y < b.y || a.y == b.y && a.x < b.x;
}
int wide_top(uvec2 a) {
    return a.y != 0u ? findMSB(a.y) + 32 : findMSB(a.x);
}
const uvec2 DOUBLE_NAN = uvec2(0u, 0x7ff80000u);
const uvec2 DOUBLE_ONE = uvec2(0u, 0x3ff00000u);
uvec2 double_abs(uvec2 a) {
    return uvec2(a.x, a.y & 0x7fffffffu);
}
uvec2 double_negate(uvec2 a) {
    return uvec2(a.x, a.y ^ 0x80000000u);
}
bool double_is_nan(uvec2 a) {
    return wide_less(uvec2(0u, 0x7ff00000u), double_abs(a));
}
bool double_is_infinite(uvec2 a) {
    return double_abs(a) == uvec2(0u, 0x7ff00000u);
}
bool double_is_zero(uvec2 a) {
    return double_abs(a) == uvec2(0u);
}
// The exponent and the significand with its leading one in place 62, of what is finite and not 0.
uvec2 double_open(uvec2 a, out int exponent) {
    int biased = int(a.y >> 20 & 0x7ffu);
    uvec2 significand = uvec2(a.x, a.y & 0xfffffu);
    if (biased == 0) biased = 1;
    else significand.y |= 0x100000u;
    int by = 62 - wide_top(significand);
    exponent = biased - 1013 - by;
    return wide_left(significand, by);
}
// Rounds to the nearest, of two to the even one.
uvec2 double_close(uint sign, int exponent, uvec2 significand) {
    int by = 62 - wide_top(significand);
    significand = by < 0 ? wide_right_sticky(significand, -by) : wide_left(significand, by);
    int biased = exponent - by + 1023;
    if (biased >= 2047) return uvec2(0u, sign | 0x7ff00000u);
    if (biased <= 0) {
        significand = wide_right_sticky(significand, min(1 - biased, 64));
        biased = 1;
    }
    uint rest = significand.x & 0x3ffu;
    significand = wide_right(significand, 10);
    if (rest > 0x200u || rest == 0x200u && (significand.x & 1u) != 0u)
        significand = wide_add(significand, uvec2(1u, 0u));
    // The leading one counts the exponent up.
    return uvec2(significand.x, sign | (uint(biased - 1) << 20) + significand.y);
}
uvec2 double_add(uvec2 a, uvec2 b) {
    if (double_is_nan(a) || double_is_nan(b)) return DOUBLE_NAN;
    uint sign = a.y & 0x80000000u;
    bool same = sign == (b.y & 0x80000000u);
    if (double_is_infinite(a)) return double_is_infinite(b) && !same ? DOUBLE_NAN : a;
    if (double_is_infinite(b)) return b;
    if (double_is_zero(a)) return double_is_zero(b) ? uvec2(0u, a.y & b.y) : b;
    if (double_is_zero(b)) return a;
    int exponent, other;
    uvec2 more = double_open(a, exponent), less = double_open(b, other);
    if (exponent < other || exponent == other && wide_less(more, less)) {
        uvec2 kept = more;
        more = less;
        less = kept;
        int first = exponent;
        exponent = other;
        other = first;
        if (!same) sign ^= 0x80000000u;
    }
    less = wide_right_sticky(less, min(exponent - other, 64));
    uvec2 result = same ? wide_add(more, less) : wide_subtract(more, less);
    if (result == uvec2(0u)) return uvec2(0u);
    return double_close(sign, exponent, result);
}
uvec2 double_multiply(uvec2 a, uvec2 b) {
    if (double_is_nan(a) || double_is_nan(b)) return DOUBLE_NAN;
    uint sign = (a.y ^ b.y) & 0x80000000u;
    if (double_is_infinite(a) || double_is_infinite(b)) {
        bool any_zero = double_is_zero(a) || double_is_zero(b);
        return any_zero ? DOUBLE_NAN : uvec2(0u, sign | 0x7ff00000u);
    }
    if (double_is_zero(a) || double_is_zero(b)) return uvec2(0u, sign);
    int exponent, other;
    uvec2 left = double_open(a, exponent), right = double_open(b, other);
    uvec2 low, cross, across, high;
    umulExtended(left.x, right.x, low.y, low.x);
    umulExtended(left.x, right.y, cross.y, cross.x);
    umulExtended(left.y, right.x, across.y, across.x);
    umulExtended(left.y, right.y, high.y, high.x);
    uvec2 middle = wide_add(uvec2(low.y, 0u), uvec2(cross.x, 0u));
    middle = wide_add(middle, uvec2(across.x, 0u));
    high = wide_add(high, uvec2(cross.y, 0u));
    high = wide_add(high, uvec2(across.y, 0u));
    high = wide_add(high, uvec2(middle.y, 0u));
    if ((low.x | middle.x) != 0u) high.x |= 1u;
    return double_close(sign, exponent + other + 2, high);
}
uvec2 double_divide(uvec2 a, uvec2 b) {
    if (double_is_nan(a) || double_is_nan(b)) return DOUBLE_NAN;
    uint sign = (a.y ^ b.y) & 0x80000000u;
    if (double_is_infinite(a))
        return double_is_infinite(b) ? DOUBLE_NAN : uvec2(0u, sign | 0x7ff00000u);
    if (double_is_infinite(b)) return uvec2(0u, sign);
    if (double_is_zero(b))
        return double_is_zero(a) ? DOUBLE_NAN : uvec2(0u, sign | 0x7ff00000u);
    if (double_is_zero(a)) return uvec2(0u, sign);
    int exponent, other;
    uvec2 rest = double_open(a, exponent), by = double_open(b, other);
    uvec2 quotient = uvec2(0u);
    for (int place = 0; place < 63; place++) {
        quotient = wide_left(quotient, 1);
        if (!wide_less(rest, by)) {
            rest = wide_subtract(rest, by);
            quotient.x |= 1u;
        }
        rest = wide_left(rest, 1);
    }
    if (rest != uvec2(0u)) quotient.x |= 1u;
    return double_close(sign, exponent - other, quotient);
}
uvec2 double_sqrt(uvec2 a) {
    if (double_is_nan(a)) return DOUBLE_NAN;
    if (double_is_zero(a)) return a;
    if ((a.y & 0x80000000u) != 0u) return DOUBLE_NAN;
    if (double_is_infinite(a)) return a;
    int exponent;
    uvec2 left = double_open(a, exponent);
    left = wide_left(left, exponent & 1);
    uvec2 rest = uvec2(0u), root = uvec2(0u);
    for (int place = 0; place < 57; place++) {
        rest = wide_left(rest, 2);
        rest.x |= left.y >> 30;
        left = wide_left(left, 2);
        uvec2 trial = wide_left(root, 2);
        trial.x |= 1u;
        root = wide_left(root, 1);
        if (!wide_less(rest, trial)) {
            rest = wide_subtract(rest, trial);
            root.x |= 1u;
        }
    }
    root = wide_left(root, 6);
    if (rest != uvec2(0u)) root.x |= 1u;
    return double_close(0u, exponent >> 1, root);
}
bool double_less(uvec2 a, uvec2 b) {
    if (double_is_nan(a) || double_is_nan(b)) return false;
    if (double_is_zero(a) && double_is_zero(b)) return false;
    bool negative = (a.y & 0x80000000u) != 0u;
    if (negative != ((b.y & 0x80000000u) != 0u)) return negative;
    return negative ? wide_less(b, a) : wide_less(a, b);
}
bool double_equal(uvec2 a, uvec2 b) {
    if (double_is_nan(a) || double_is_nan(b)) return false;
    return a == b || double_is_zero(a) && double_is_zero(b);
}
uvec2 double_min(uvec2 a, uvec2 b) {
    return double_is_nan(a) || double_less(b, a) ? b : a;
}
uvec2 double_max(uvec2 a, uvec2 b) {
    return double_is_nan(a) || double_less(a, b) ? b : a;
}
uvec2 double_trunc(uvec2 a) {
    int exponent = int(a.y >> 20 & 0x7ffu) - 1023;
    if (exponent < 0) return uvec2(0u, a.y & 0x80000000u);
    if (exponent >= 52) return a;
    return a & wide_left(uvec2(0xffffffffu), 52 - exponent);
}
uvec2 double_floor(uvec2 a) {
    uvec2 whole = double_trunc(a);
    bool below = (a.y & 0x80000000u) != 0u && !double_is_nan(a) && !double_equal(whole, a);
    return below ? double_add(whole, double_negate(DOUBLE_ONE)) : whole;
}
uvec2 double_ceil(uvec2 a) {
    return double_negate(double_floor(double_negate(a)));
}
uvec2 double_fract(uvec2 a) {
    return double_add(a, double_negate(double_floor(a)));
}
// From 2^52 on there are only whole numbers, and adding rounds to them.
uvec2 double_round_even(uvec2 a) {
    const uvec2 WHOLE = uvec2(0u, 0x43300000u);
    uvec2 size = double_abs(a);
    if (!double_less(size, WHOLE)) return a;
    size = double_add(double_add(size, WHOLE), double_negate(WHOLE));
    return uvec2(size.x, size.y | a.y & 0x80000000u);
}
uvec2 double_sign(uvec2 a) {
    if (double_is_nan(a) || double_is_zero(a)) return uvec2(0u);
    return uvec2(0u, 0x3ff00000u | a.y & 0x80000000u);
}
bool double_is_special(uvec2 a) {
    return double_is_nan(a) || double_is_infinite(a) || double_is_zero(a);
}
uvec2 double_ldexp(uvec2 a, int by) {
    if (double_is_special(a)) return a;
    int exponent;
    uvec2 significand = double_open(a, exponent);
    return double_close(a.y & 0x80000000u, exponent + clamp(by, -4000, 4000), significand);
}
uvec2 double_significand(uvec2 a) {
    if (double_is_special(a)) return a;
    int exponent;
    uvec2 significand = double_open(a, exponent);
    return double_close(a.y & 0x80000000u, -1, significand);
}
int double_exponent(uvec2 a) {
    if (double_is_special(a)) return 0;
    int exponent;
    double_open(a, exponent);
    return exponent + 1;
}
uvec2 double_from_uint(uint value) {
    return value == 0u ? uvec2(0u) : double_close(0u, 62, uvec2(value, 0u));
}
uvec2 double_from_int(int value) {
    uvec2 size = double_from_uint(value < 0 ? uint(-value) : uint(value));
    return value < 0 ? double_negate(size) : size;
}
uvec2 double_from_float(float value) {
    uint bits = floatBitsToUint(value);
    uint sign = bits & 0x80000000u, fraction = bits & 0x7fffffu;
    int biased = int(bits >> 23 & 0xffu);
    if (biased == 255) return uvec2(fraction << 29, sign | 0x7ff00000u | fraction >> 3);
    if (biased == 0 && fraction == 0u) return uvec2(0u, sign);
    if (biased == 0) biased = 1;
    else fraction |= 0x800000u;
    return double_close(sign, biased - 88, uvec2(fraction, 0u));
}
float double_to_float(uvec2 a) {
    uint sign = a.y & 0x80000000u;
    if (double_is_nan(a)) return uintBitsToFloat(0x7fc00000u);
    if (double_is_infinite(a)) return uintBitsToFloat(sign | 0x7f800000u);
    if (double_is_zero(a)) return uintBitsToFloat(sign);
    int exponent;
    uvec2 significand = double_open(a, exponent);
    int biased = exponent + 127;
    if (biased >= 255) return uintBitsToFloat(sign | 0x7f800000u);
    if (biased <= 0) {
        significand = wide_right_sticky(significand, min(1 - biased, 64));
        biased = 1;
    }
    uint kept = significand.y >> 7, rest = significand.y & 0x7fu;
    if (significand.x != 0u) rest |= 1u;
    if (rest > 0x40u || rest == 0x40u && (kept & 1u) != 0u) kept += 1u;
    return uintBitsToFloat(sign | (uint(biased - 1) << 23) + kept);
}
uint double_to_uint(uvec2 a) {
    if ((a.y & 0x80000000u) != 0u || double_is_nan(a) || double_is_zero(a)) return 0u;
    int exponent = int(a.y >> 20) - 1023;
    if (exponent < 0) return 0u;
    if (exponent >= 32) return 0xffffffffu;
    return wide_right(double_open(a, exponent), 62 - exponent).x;
}
int double_to_int(uvec2 a) {
    uint size = double_to_uint(double_abs(a));
    bool negative = (a.y & 0x80000000u) != 0u;
    if (size > 0x7fffffffu) return negative ? -2147483647 - 1 : 2147483647;
    return negative ? -int(size) : int(size);
}
