//! The operations, and what each takes and gives.

/// What the bits of an operand mean to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperandType {
    /// 32-bit floating point.
    Float,
    /// 32-bit signed integer.
    Int,
    /// 32-bit unsigned integer or mask.
    Uint,
    /// 64-bit floating point, in a pair of components.
    Double,
    /// 64-bit signed integer, in a pair of components.
    Int64,
    /// 64-bit unsigned integer, in a pair of components.
    Uint64,
    /// 32 bits that pass unchanged.
    Bits,
    /// Not a value: an image, buffer, counter, shared memory or constant buffer.
    Resource,
    /// Not a value: a sampler with its texture.
    Sampler,
    /// Not a value: a sampler view.
    View,
}

impl OperandType {
    /// Whether one value takes two components.
    pub const fn is_wide(self) -> bool {
        matches!(self, Self::Double | Self::Int64 | Self::Uint64)
    }
}

/// What kind of thing an operation does; it decides where it may stand and what follows
/// its operands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Computes from its operands alone.
    Alu,
    /// Samples or asks a texture; the texture's target follows, then offsets.
    Texture,
    /// As [`Class::Texture`] with the view as an operand; only offsets follow.
    Sample,
    /// Reads or writes a resource; qualifiers, target and format follow.
    Memory,
    /// Opens, closes or leaves a block or a subroutine.
    Flow,
    /// Ends a fragment.
    Kill,
    /// Compares with the neighbouring fragments.
    Derivative,
    /// Evaluates an input elsewhere in the fragment.
    Interpolate,
    /// Reads something that only a fragment has.
    Fragment,
    /// Ends a vertex or a primitive of a geometry shader.
    Emit,
    /// Waits for the other invocations of the workgroup or patch.
    Barrier,
    /// Orders memory accesses.
    MemoryBarrier,
    /// Talks to the other invocations of the subgroup.
    Group,
    /// Does nothing.
    Nop,
}

const F: OperandType = OperandType::Float;
const I: OperandType = OperandType::Int;
const U: OperandType = OperandType::Uint;
const D: OperandType = OperandType::Double;
const L: OperandType = OperandType::Int64;
const M: OperandType = OperandType::Uint64;
const B: OperandType = OperandType::Bits;
const R: OperandType = OperandType::Resource;
const S: OperandType = OperandType::Sampler;
const V: OperandType = OperandType::View;

/// One row of the table of operations.
#[derive(Clone, Copy, Debug)]
pub struct OpcodeInfo {
    /// The spelling in TGSI.
    pub name: &'static str,
    /// What kind of thing it does.
    pub class: Class,
    /// The type of each destination.
    pub destinations: &'static [OperandType],
    /// The type of each source.
    pub sources: &'static [OperandType],
}

macro_rules! opcodes {
    ($($variant:ident $name:literal $class:ident [$($dst:ident)*] [$($src:ident)*];)*) => {
        /// An operation. Those that both virglrenderer 1.3 and Mesa up to 26.2 know, and
        /// those that either alone knows, save bindless handles, which virgl never offers.
        /// Their meaning is in Mesa's `docs/gallium/tgsi.rst`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Opcode {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
        }

        impl Opcode {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its row of the table.
            pub const fn info(self) -> OpcodeInfo {
                match self {
                    $(Self::$variant => OpcodeInfo {
                        name: $name,
                        class: Class::$class,
                        destinations: &[$($dst),*],
                        sources: &[$($src),*],
                    },)*
                }
            }

            /// The operation spelled so, in upper case and without suffixes.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

impl Opcode {
    /// Whether a branch label may follow its operands.
    pub const fn takes_label(self) -> bool {
        matches!(
            self,
            Self::If
                | Self::Uif
                | Self::Else
                | Self::Bgnloop
                | Self::Endloop
                | Self::Cal
                | Self::Bgnsub
        )
    }
}

opcodes! {
    Arl "ARL" Alu [I] [F];
    Mov "MOV" Alu [B] [B];
    Lit "LIT" Alu [F] [F];
    Rcp "RCP" Alu [F] [F];
    Rsq "RSQ" Alu [F] [F];
    Exp "EXP" Alu [F] [F];
    Log "LOG" Alu [F] [F];
    Mul "MUL" Alu [F] [F F];
    Add "ADD" Alu [F] [F F];
    Dp3 "DP3" Alu [F] [F F];
    Dp4 "DP4" Alu [F] [F F];
    Dst "DST" Alu [F] [F F];
    Min "MIN" Alu [F] [F F];
    Max "MAX" Alu [F] [F F];
    Slt "SLT" Alu [F] [F F];
    Sge "SGE" Alu [F] [F F];
    Mad "MAD" Alu [F] [F F F];
    Sub "SUB" Alu [F] [F F];
    Lrp "LRP" Alu [F] [F F F];
    Fma "FMA" Alu [F] [F F F];
    Sqrt "SQRT" Alu [F] [F];
    Frc "FRC" Alu [F] [F];
    Flr "FLR" Alu [F] [F];
    Round "ROUND" Alu [F] [F];
    Ex2 "EX2" Alu [F] [F];
    Lg2 "LG2" Alu [F] [F];
    Pow "POW" Alu [F] [F F];
    Xpd "XPD" Alu [F] [F F];
    Abs "ABS" Alu [F] [F];
    Dph "DPH" Alu [F] [F F];
    Cos "COS" Alu [F] [F];
    Ddx "DDX" Derivative [F] [F];
    Ddy "DDY" Derivative [F] [F];
    Kill "KILL" Kill [] [];
    Pk2H "PK2H" Alu [U] [F];
    Pk2Us "PK2US" Alu [U] [F];
    Pk4B "PK4B" Alu [U] [F];
    Pk4Ub "PK4UB" Alu [U] [F];
    Seq "SEQ" Alu [F] [F F];
    Sgt "SGT" Alu [F] [F F];
    Sin "SIN" Alu [F] [F];
    Sle "SLE" Alu [F] [F F];
    Sne "SNE" Alu [F] [F F];
    Tex "TEX" Texture [B] [F S];
    Txd "TXD" Texture [B] [F F F S];
    Txp "TXP" Texture [B] [F S];
    Up2H "UP2H" Alu [F] [U];
    Up2Us "UP2US" Alu [F] [U];
    Up4B "UP4B" Alu [F] [U];
    Up4Ub "UP4UB" Alu [F] [U];
    Arr "ARR" Alu [I] [F];
    Cal "CAL" Flow [] [];
    Ret "RET" Flow [] [];
    Ssg "SSG" Alu [F] [F];
    Cmp "CMP" Alu [F] [F F F];
    Scs "SCS" Alu [F] [F];
    Txb "TXB" Texture [B] [F S];
    Fbfetch "FBFETCH" Fragment [B] [B];
    Div "DIV" Alu [F] [F F];
    Dp2 "DP2" Alu [F] [F F];
    Txl "TXL" Texture [B] [F S];
    Brk "BRK" Flow [] [];
    If "IF" Flow [] [F];
    Uif "UIF" Flow [] [U];
    Else "ELSE" Flow [] [];
    Endif "ENDIF" Flow [] [];
    DdxFine "DDX_FINE" Derivative [F] [F];
    DdyFine "DDY_FINE" Derivative [F] [F];
    Ceil "CEIL" Alu [F] [F];
    I2F "I2F" Alu [F] [I];
    Not "NOT" Alu [U] [U];
    Trunc "TRUNC" Alu [F] [F];
    Shl "SHL" Alu [U] [U U];
    And "AND" Alu [U] [U U];
    Or "OR" Alu [U] [U U];
    Mod "MOD" Alu [I] [I I];
    Xor "XOR" Alu [U] [U U];
    Txf "TXF" Texture [B] [I S];
    Txq "TXQ" Texture [I] [I S];
    Cont "CONT" Flow [] [];
    Emit "EMIT" Emit [] [U];
    Endprim "ENDPRIM" Emit [] [U];
    Bgnloop "BGNLOOP" Flow [] [];
    Bgnsub "BGNSUB" Flow [] [];
    Endloop "ENDLOOP" Flow [] [];
    Endsub "ENDSUB" Flow [] [];
    Txqs "TXQS" Texture [I] [S];
    Resq "RESQ" Memory [I] [R];
    Nop "NOP" Nop [] [];
    Fseq "FSEQ" Alu [I] [F F];
    Fsge "FSGE" Alu [I] [F F];
    Fslt "FSLT" Alu [I] [F F];
    Fsne "FSNE" Alu [I] [F F];
    Membar "MEMBAR" MemoryBarrier [] [U];
    VoteAny "VOTE_ANY" Group [U] [U];
    VoteAll "VOTE_ALL" Group [U] [U];
    VoteEq "VOTE_EQ" Group [U] [U];
    KillIf "KILL_IF" Kill [] [F];
    End "END" Flow [] [];
    Dfma "DFMA" Alu [D] [D D D];
    F2I "F2I" Alu [I] [F];
    Idiv "IDIV" Alu [I] [I I];
    Imax "IMAX" Alu [I] [I I];
    Imin "IMIN" Alu [I] [I I];
    Ineg "INEG" Alu [I] [I];
    Isge "ISGE" Alu [I] [I I];
    Ishr "ISHR" Alu [I] [I U];
    Islt "ISLT" Alu [I] [I I];
    F2U "F2U" Alu [U] [F];
    U2F "U2F" Alu [F] [U];
    Uadd "UADD" Alu [U] [U U];
    Udiv "UDIV" Alu [U] [U U];
    Umad "UMAD" Alu [U] [U U U];
    Umax "UMAX" Alu [U] [U U];
    Umin "UMIN" Alu [U] [U U];
    Umod "UMOD" Alu [U] [U U];
    Umul "UMUL" Alu [U] [U U];
    Useq "USEQ" Alu [U] [U U];
    Usge "USGE" Alu [U] [U U];
    Ushr "USHR" Alu [U] [U U];
    Uslt "USLT" Alu [U] [U U];
    Usne "USNE" Alu [U] [U U];
    Switch "SWITCH" Flow [] [U];
    Case "CASE" Flow [] [U];
    Default "DEFAULT" Flow [] [];
    Endswitch "ENDSWITCH" Flow [] [];
    Sample "SAMPLE" Sample [B] [F V S];
    SampleI "SAMPLE_I" Sample [B] [I V];
    SampleIMs "SAMPLE_I_MS" Sample [B] [I V I];
    SampleB "SAMPLE_B" Sample [B] [F V S F];
    SampleC "SAMPLE_C" Sample [B] [F V S F];
    SampleCLz "SAMPLE_C_LZ" Sample [B] [F V S F];
    SampleD "SAMPLE_D" Sample [B] [F V S F F];
    SampleL "SAMPLE_L" Sample [B] [F V S F];
    Gather4 "GATHER4" Sample [B] [F V S];
    Sviewinfo "SVIEWINFO" Sample [U] [U V];
    SamplePos "SAMPLE_POS" Sample [F] [V U];
    SampleInfo "SAMPLE_INFO" Sample [U] [V U];
    Uarl "UARL" Alu [I] [U];
    Ucmp "UCMP" Alu [B] [U B B];
    Iabs "IABS" Alu [I] [I];
    Issg "ISSG" Alu [I] [I];
    Load "LOAD" Memory [B] [R U];
    Store "STORE" Memory [R] [U B];
    Barrier "BARRIER" Barrier [] [];
    Atomuadd "ATOMUADD" Memory [U] [R U U];
    Atomxchg "ATOMXCHG" Memory [U] [R U U];
    Atomcas "ATOMCAS" Memory [U] [R U U U];
    Atomand "ATOMAND" Memory [U] [R U U];
    Atomor "ATOMOR" Memory [U] [R U U];
    Atomxor "ATOMXOR" Memory [U] [R U U];
    Atomumin "ATOMUMIN" Memory [U] [R U U];
    Atomumax "ATOMUMAX" Memory [U] [R U U];
    Atomimin "ATOMIMIN" Memory [I] [R U I];
    Atomimax "ATOMIMAX" Memory [I] [R U I];
    Tex2 "TEX2" Texture [B] [F F S];
    Txb2 "TXB2" Texture [B] [F F S];
    Txl2 "TXL2" Texture [B] [F F S];
    ImulHi "IMUL_HI" Alu [I] [I I];
    UmulHi "UMUL_HI" Alu [U] [U U];
    Tg4 "TG4" Texture [B] [F I S];
    Lodq "LODQ" Texture [F] [F S];
    Ibfe "IBFE" Alu [I] [I I I];
    Ubfe "UBFE" Alu [U] [U U U];
    Bfi "BFI" Alu [U] [U U U U];
    Brev "BREV" Alu [U] [U];
    Popc "POPC" Alu [I] [U];
    Lsb "LSB" Alu [I] [U];
    Imsb "IMSB" Alu [I] [I];
    Umsb "UMSB" Alu [I] [U];
    InterpCentroid "INTERP_CENTROID" Interpolate [F] [F];
    InterpSample "INTERP_SAMPLE" Interpolate [F] [F I];
    InterpOffset "INTERP_OFFSET" Interpolate [F] [F F];
    F2D "F2D" Alu [D] [F];
    D2F "D2F" Alu [F] [D];
    Dabs "DABS" Alu [D] [D];
    Dneg "DNEG" Alu [D] [D];
    Dadd "DADD" Alu [D] [D D];
    Dmul "DMUL" Alu [D] [D D];
    Dmax "DMAX" Alu [D] [D D];
    Dmin "DMIN" Alu [D] [D D];
    Dslt "DSLT" Alu [I] [D D];
    Dsge "DSGE" Alu [I] [D D];
    Dseq "DSEQ" Alu [I] [D D];
    Dsne "DSNE" Alu [I] [D D];
    Drcp "DRCP" Alu [D] [D];
    Dsqrt "DSQRT" Alu [D] [D];
    Dmad "DMAD" Alu [D] [D D D];
    Dfrac "DFRAC" Alu [D] [D];
    Dldexp "DLDEXP" Alu [D] [D I];
    Dfracexp "DFRACEXP" Alu [D I] [D];
    D2I "D2I" Alu [I] [D];
    I2D "I2D" Alu [D] [I];
    D2U "D2U" Alu [U] [D];
    U2D "U2D" Alu [D] [U];
    Drsq "DRSQ" Alu [D] [D];
    Dtrunc "DTRUNC" Alu [D] [D];
    Dceil "DCEIL" Alu [D] [D];
    Dflr "DFLR" Alu [D] [D];
    Dround "DROUND" Alu [D] [D];
    Dssg "DSSG" Alu [D] [D];
    Ddiv "DDIV" Alu [D] [D D];
    Clock "CLOCK" Alu [U] [];
    I64Abs "I64ABS" Alu [L] [L];
    I64Neg "I64NEG" Alu [L] [L];
    I64Ssg "I64SSG" Alu [L] [L];
    I64Slt "I64SLT" Alu [I] [L L];
    I64Sge "I64SGE" Alu [I] [L L];
    I64Min "I64MIN" Alu [L] [L L];
    I64Max "I64MAX" Alu [L] [L L];
    I64Shr "I64SHR" Alu [L] [L U];
    I64Div "I64DIV" Alu [L] [L L];
    I64Mod "I64MOD" Alu [L] [L L];
    F2I64 "F2I64" Alu [L] [F];
    U2I64 "U2I64" Alu [L] [U];
    I2I64 "I2I64" Alu [L] [I];
    D2I64 "D2I64" Alu [L] [D];
    I642F "I642F" Alu [F] [L];
    I642D "I642D" Alu [D] [L];
    U64Add "U64ADD" Alu [M] [M M];
    U64Mul "U64MUL" Alu [M] [M M];
    U64Seq "U64SEQ" Alu [I] [M M];
    U64Sne "U64SNE" Alu [I] [M M];
    U64Slt "U64SLT" Alu [I] [M M];
    U64Sge "U64SGE" Alu [I] [M M];
    U64Min "U64MIN" Alu [M] [M M];
    U64Max "U64MAX" Alu [M] [M M];
    U64Shl "U64SHL" Alu [M] [M U];
    U64Shr "U64SHR" Alu [M] [M U];
    U64Div "U64DIV" Alu [M] [M M];
    U64Mod "U64MOD" Alu [M] [M M];
    F2U64 "F2U64" Alu [M] [F];
    D2U64 "D2U64" Alu [M] [D];
    U642F "U642F" Alu [F] [M];
    U642D "U642D" Alu [D] [M];
    Ballot "BALLOT" Group [U] [U];
    ReadFirst "READ_FIRST" Group [B] [B];
    ReadInvoc "READ_INVOC" Group [B] [B U];
    ReadHelper "READ_HELPER" Fragment [U] [];
    Demote "DEMOTE" Kill [] [];
    Ldexp "LDEXP" Alu [F] [F I];
    Atomfadd "ATOMFADD" Memory [F] [R U F];
    AtomincWrap "ATOMINC_WRAP" Memory [U] [R U U];
    AtomdecWrap "ATOMDEC_WRAP" Memory [U] [R U U];
}
