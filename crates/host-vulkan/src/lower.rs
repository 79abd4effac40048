//! From typed values to C layouts and back: the one place where pointers are made of slices.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;

use bumpalo::Bump;
use vulkan_types::{Chain, Extension, Id, ObjectType, Request};

use crate::generated::{Functions, lift_link, lower_link};

/// Where a guest's ids become host handles.
pub trait Handles {
    /// The host's handle for an id, and only while the object lives.
    fn resolve(&self, object: ObjectType, id: u64) -> Option<u64>;
}

/// Handles that are the host's already: for calls of the host side itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity;

impl Handles for Identity {
    fn resolve(&self, _object: ObjectType, id: u64) -> Option<u64> {
        Some(id)
    }
}

/// One call's lowering: memory for the C values, and the handles.
pub struct Lowering<'a, 'h> {
    /// Memory that outlives the call.
    pub arena: &'a Bump,
    handles: &'h dyn Handles,
    /// What the command is called on: its handle is known, and most commands name nothing else.
    object: Option<Resolved>,
    created: RefCell<Vec<u64>>,
}

/// An object whose handle is known.
#[derive(Clone, Copy, Debug)]
pub struct Resolved {
    /// Its type.
    pub object: ObjectType,
    /// The guest's id for it, never 0.
    pub id: u64,
    /// The host's handle.
    pub raw: u64,
}

/// Why a value cannot be given to the driver. All are the guest's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// An id names nothing, or something of another type, or something destroyed.
    #[error("no {} with id {id}", object_name(*object))]
    Unknown {
        /// What it should have named.
        object: ObjectType,
        /// The id.
        id: u64,
    },
    /// An array is shorter than the count beside it.
    #[error("an array of {len} elements where {count} are counted")]
    Short {
        /// Elements there are.
        len: usize,
        /// Elements counted.
        count: u64,
    },
}

/// Why a command was not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The instance or device lacks it: its extension or version is not enabled.
    #[error("{0} is not enabled")]
    Missing(&'static str),
    /// An argument cannot be given to the driver.
    #[error(transparent)]
    Lower(#[from] LowerError),
}

/// A value with a C layout.
pub(crate) trait Lower {
    /// The C layout.
    type Raw: Copy;

    /// The same value for the driver; pointers in it live as long as the arena.
    ///
    /// # Errors
    /// A handle or a count in it is wrong.
    fn lower(&self, cx: &Lowering<'_, '_>) -> Result<Self::Raw, LowerError>;
}

/// A value that the driver writes.
pub(crate) trait Lift<'a>: Lower + Copy {
    /// What the driver wrote, as a value.
    ///
    /// # Safety
    /// `raw` was lowered from `self`, and the driver left the pointers in it as they were.
    unsafe fn lift(&self, raw: &Self::Raw, arena: &'a Bump) -> Self;
}

/// A command that a driver has.
pub trait Call<'a>: Request {
    /// Calls it.
    ///
    /// # Errors
    /// The command is not there, or an argument is wrong; the driver was not called.
    fn call(
        &self,
        functions: &Functions,
        cx: &Lowering<'a, '_>,
    ) -> Result<Self::Reply<'a>, CallError>;
}

impl<'a, 'h> Lowering<'a, 'h> {
    /// A lowering into `arena` with these handles.
    #[inline]
    pub fn new(arena: &'a Bump, handles: &'h dyn Handles) -> Self {
        Self {
            arena,
            handles,
            object: None,
            created: RefCell::default(),
        }
    }

    /// A lowering for a command that is called on this object.
    #[inline]
    pub fn on(arena: &'a Bump, handles: &'h dyn Handles, object: Resolved) -> Self {
        Self {
            object: Some(object),
            ..Self::new(arena, handles)
        }
    }

    /// The handles that the call created, in the order of its outputs.
    pub fn into_created(self) -> Vec<u64> {
        self.created.into_inner()
    }

    pub(crate) fn created(&self, handles: &[u64]) {
        self.created.borrow_mut().extend_from_slice(handles);
    }

    #[inline]
    pub(crate) fn handle<T: Id>(&self, id: T) -> Result<u64, LowerError> {
        match self.object {
            Some(known) if known.object == T::TYPE && known.id == id.raw() => Ok(known.raw),
            _ => resolve(self.handles, id),
        }
    }

    pub(crate) fn optional_handle(&self, id: impl Id) -> Result<u64, LowerError> {
        if id.raw() == 0 {
            Ok(0)
        } else {
            self.handle(id)
        }
    }

    pub(crate) fn handles<T: Id>(&self, ids: &[T], count: u64) -> Result<*const u64, LowerError> {
        self.each(ids, count, |id| self.handle(*id))
    }

    /// An optional array; nulls within are for the driver to judge.
    pub(crate) fn optional_handles<T: Id>(
        &self,
        ids: &[T],
        count: u64,
    ) -> Result<*const u64, LowerError> {
        self.each(ids, count, |id| self.optional_handle(*id))
    }

    pub(crate) fn reference<T: Lower>(
        &self,
        value: Option<&T>,
    ) -> Result<*const T::Raw, LowerError> {
        value.map_or(Ok(null()), |value| Ok(self.place(value.lower(self)?)))
    }

    pub(crate) fn plain_reference<T>(&self, value: Option<&T>) -> *const T {
        value.map_or(null(), std::ptr::from_ref)
    }

    /// Plain values need no lowering: the driver reads them where they are.
    pub(crate) fn slice<T>(&self, values: &[T], count: u64) -> Result<*const T, LowerError> {
        counted(values, count)?;
        Ok(if values.is_empty() {
            null()
        } else {
            values.as_ptr()
        })
    }

    /// Plain values that the driver writes over.
    pub(crate) fn copied<T: Copy>(&self, values: &[T], count: u64) -> Result<*mut T, LowerError> {
        counted(values, count)?;
        Ok(pointer_mut(self.arena.alloc_slice_copy(values)))
    }

    pub(crate) fn records<T: Lower>(
        &self,
        values: &[T],
        count: u64,
    ) -> Result<*const T::Raw, LowerError> {
        self.each(values, count, |value| value.lower(self))
    }

    pub(crate) fn records_mut<T: Lower>(
        &self,
        values: &[T],
        count: u64,
    ) -> Result<*mut T::Raw, LowerError> {
        self.each(values, count, |value| value.lower(self))
            .map(<*const T::Raw>::cast_mut)
    }

    pub(crate) fn nested<T>(
        &self,
        values: &[&[T]],
        count: u64,
        inner: impl Fn(usize) -> u64,
    ) -> Result<*const *const T, LowerError> {
        let mut at = 0;
        self.each(values, count, |values| {
            let pointer = self.slice(values, inner(at));
            at += 1;
            pointer
        })
    }

    pub(crate) fn nested_records<T: Lower>(
        &self,
        values: &[&[T]],
        count: u64,
        inner: impl Fn(usize) -> u64,
    ) -> Result<*const *const T::Raw, LowerError> {
        let mut at = 0;
        self.each(values, count, |values| {
            let pointer = self.records(values, inner(at));
            at += 1;
            pointer
        })
    }

    pub(crate) fn text(&self, text: Option<&CStr>) -> *const c_char {
        text.map_or(null(), CStr::as_ptr)
    }

    pub(crate) fn texts(
        &self,
        texts: &[&CStr],
        count: u64,
    ) -> Result<*const *const c_char, LowerError> {
        self.each(texts, count, |text| Ok(text.as_ptr()))
    }

    /// A chain, made from its end.
    pub(crate) fn chain(&self, chain: Chain<'_>) -> Result<*const c_void, LowerError> {
        chain
            .0
            .iter()
            .rev()
            .try_fold(null(), |next, link| lower_link(link, next, self))
    }

    pub(crate) fn place<T: Copy>(&self, value: T) -> *const T {
        self.arena.alloc(value)
    }

    pub(crate) fn place_mut<T: Copy>(&self, value: T) -> *mut T {
        self.arena.alloc(value)
    }

    pub(crate) fn zeroed<T: Copy + Default>(
        &self,
        count: usize,
    ) -> Result<&'a mut [T], LowerError> {
        Ok(self.arena.alloc_slice_fill_default(count))
    }

    /// The elements that the driver says it wrote.
    pub(crate) fn first<T>(&self, values: &'a [T], count: u64) -> &'a [T] {
        let count = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(values.len());
        values.get(..count).unwrap_or_default()
    }

    fn each<T, U: Copy>(
        &self,
        values: &[T],
        count: u64,
        mut lower: impl FnMut(&T) -> Result<U, LowerError>,
    ) -> Result<*const U, LowerError> {
        counted(values, count)?;
        if values.is_empty() {
            return Ok(null());
        }
        let mut lowered = bumpalo::collections::Vec::with_capacity_in(values.len(), self.arena);
        for value in values {
            lowered.push(lower(value)?);
        }
        Ok(lowered.into_bump_slice().as_ptr())
    }
}

/// Null for an empty slice: the driver is to count, not to write.
pub(crate) fn pointer_mut<T>(values: &mut [T]) -> *mut T {
    if values.is_empty() {
        std::ptr::null_mut()
    } else {
        values.as_mut_ptr()
    }
}

/// What the driver wrote into plain elements.
///
/// # Safety
/// `raw` is null or points to as many elements as `template` has.
pub(crate) unsafe fn lift_slice<T>(template: &[T], raw: *const T, count: u64) -> &[T] {
    let count = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .min(template.len());
    if raw.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by this function's contract; the arena that holds them lives as `template` does.
    unsafe { std::slice::from_raw_parts(raw, count) }
}

/// What the driver wrote into structures.
///
/// # Safety
/// `raw` is null or points to what `template` was lowered to.
pub(crate) unsafe fn lift_records<'a, T: Lift<'a>>(
    template: &'a [T],
    raw: *const T::Raw,
    count: u64,
    arena: &'a Bump,
) -> &'a [T] {
    let count = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .min(template.len());
    if raw.is_null() {
        return &[];
    }
    let mut lifted = bumpalo::collections::Vec::with_capacity_in(count, arena);
    for (at, value) in template.iter().take(count).enumerate() {
        // SAFETY: `at` is below the number of elements, and each was lowered from its value.
        lifted.push(unsafe { value.lift(&*raw.add(at), arena) });
    }
    lifted.into_bump_slice()
}

/// What the driver wrote into a chain.
///
/// # Safety
/// `raw` is what `template` was lowered to.
pub(crate) unsafe fn lift_chain<'a>(
    template: Chain<'a>,
    raw: *const c_void,
    arena: &'a Bump,
) -> Chain<'a> {
    let mut at = raw;
    let mut links = bumpalo::collections::Vec::with_capacity_in(template.0.len(), arena);
    for link in template.0 {
        // SAFETY: links follow each other as they were lowered.
        let (lifted, next): (Extension<'a>, _) = unsafe { lift_link(link, at, arena) };
        links.push(lifted);
        at = next;
    }
    Chain(links.into_bump_slice())
}

fn resolve<T: Id>(handles: &dyn Handles, id: T) -> Result<u64, LowerError> {
    handles
        .resolve(T::TYPE, id.raw())
        .ok_or(LowerError::Unknown {
            object: T::TYPE,
            id: id.raw(),
        })
}

fn counted<T>(values: &[T], count: u64) -> Result<(), LowerError> {
    if values.is_empty() || values.len() as u64 >= count {
        return Ok(());
    }
    Err(LowerError::Short {
        len: values.len(),
        count,
    })
}

fn object_name(object: ObjectType) -> String {
    format!("object of type {}", object.0)
}
