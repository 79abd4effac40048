//! How much a guest may have at a time, and why no more.

/// Objects of a sub-context. Mesa keeps some thousands; an entry takes less than a kilobyte
/// here, so that this many are less memory than one large texture.
pub(crate) const MAX_OBJECTS: usize = 1 << 18;

/// Sub-contexts of a context. Each is a GL context with some megabytes of the driver's; a
/// program has one for each of its own contexts, and one of Mesa's.
pub(crate) const MAX_SUB_CONTEXTS: usize = 256;

/// Lines about failed commands of one context in the log: a broken guest fails in every
/// frame.
pub(crate) const MAX_LOGGED_FAILURES: u64 = 20;

/// Bytes of a resource that only ever lies in memory: staging and query results.
pub(crate) const MAX_SYSTEM_BYTES: u64 = 1 << 30;

/// What share of the host's memory the buffers, textures and programs of one guest may take, if
/// nobody says otherwise: a program that runs without a guest would find as much, and leave the
/// rest to the system. A GPU with memory of its own says itself when that is full.
pub(crate) const SHARE_OF_A_GUEST: [u64; 2] = [1, 2];

/// The same of all guests together: the rest is the host's, which drivers would otherwise promise
/// to guests until the system ends this process.
pub(crate) const SHARE_OF_ALL: [u64; 2] = [3, 4];

/// Resources of a context that were described and no blob was made for yet: Mesa makes it at
/// once.
pub(crate) const MAX_WISHES: usize = 64;

/// Texts that a shader is kept as: one for each combination of state that changes it. When a
/// guest goes through more, they are made again.
pub(crate) const MAX_VARIANTS: usize = 64;

/// Texts of shaders that a sub-context knows again, of those that are in use. When a guest goes
/// through more, the same may be compiled twice.
pub(crate) const MAX_TEXTS: usize = 8192;

/// Linked programs that a sub-context keeps. When a guest goes through more, they are linked
/// again.
pub(crate) const MAX_PROGRAMS: usize = 4096;

/// Sets of stream-output targets that a sub-context keeps, to append to them later. Programs
/// alternate between a few.
pub(crate) const MAX_FEEDBACKS: usize = 64;

/// Vertices of a draw, all instances together. Programs stay a thousandth below; software GL
/// takes minutes for as many, and no one can stop it. What indirect draws ask for is not seen: it is in
/// the GPU's memory, where shaders may write it in the very moment.
pub(crate) const MAX_DRAWN_VERTICES: u64 = 1 << 30;

/// Bytes that the programs kept on disk take at most, of all drivers together: some ten
/// thousand, where large games have thousands. When there are more, those go that were not used
/// for longest.
pub(crate) const PROGRAM_CACHE_BYTES: u64 = 256 << 20;

/// Bytes of one program that is kept. The largest of games' are a hundredth of it.
pub(crate) const MAX_PROGRAM_BYTES: u64 = 16 << 20;

/// Draws that stream out whose counts are not added up yet, on hosts where that has to be done.
/// Adding up waits for them.
pub(crate) const MAX_COUNTED_DRAWS: usize = 64;
/// Work groups of a dispatch. OpenGL promises 65,535 in each direction, and programs that use two
/// of them stay below; all three are more than anyone can wait for.
pub(crate) const MAX_WORK_GROUPS: u64 = 1 << 32;
