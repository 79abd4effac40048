//! The table of a context's objects: a guest's id finds an object of one kind, or nothing.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::HashMap;
use host_vulkan::{Allocation, Functions, Handles, Object, Resolved};
use vulkan_types::ObjectType;

use crate::Fatal;
use crate::device::Device;
use crate::image::Image;
use crate::instance::Instance;
use crate::limits::MAX_OBJECTS;
use crate::physical_device::PhysicalDevice;
use crate::pool::Pool;
use crate::query::QueryPool;
use crate::queue::Queue;
use crate::retired::{Reader, Retired};

/// What an id stands for. Cloning one keeps the host's object alive.
#[derive(Clone)]
pub(crate) enum Held {
    Instance(Arc<Instance>),
    PhysicalDevice(Arc<PhysicalDevice>),
    Device(Arc<Device>),
    Queue(Arc<Queue>),
    Memory(Arc<Allocation>, Arc<Device>),
    Image(Arc<Image>, Arc<Device>),
    Pool(Arc<Pool>, Arc<Device>),
    QueryPool(Arc<QueryPool>, Arc<Device>),
    Object(Arc<Object>, Arc<Device>),
}

impl Held {
    pub(crate) fn kind(&self) -> ObjectType {
        match self {
            Self::Instance(_) => ObjectType::INSTANCE,
            Self::PhysicalDevice(_) => ObjectType::PHYSICAL_DEVICE,
            Self::Device(_) => ObjectType::DEVICE,
            Self::Queue(_) => ObjectType::QUEUE,
            Self::Memory(..) => ObjectType::DEVICE_MEMORY,
            Self::Image(..) => ObjectType::IMAGE,
            Self::Pool(pool, _) => pool.object().kind(),
            Self::QueryPool(..) => ObjectType::QUERY_POOL,
            Self::Object(object, _) => object.kind(),
        }
    }

    pub(crate) fn raw(&self) -> u64 {
        match self {
            Self::Instance(instance) => instance.host().raw(),
            Self::PhysicalDevice(device) => device.host().raw(),
            Self::Device(device) => device.host().raw(),
            Self::Queue(queue) => queue.raw(),
            Self::Memory(memory, _) => memory.object().raw(),
            Self::Image(image, _) => image.object().raw(),
            Self::Pool(pool, _) => pool.object().raw(),
            Self::QueryPool(pool, _) => pool.object().raw(),
            Self::Object(object, _) => object.raw(),
        }
    }

    /// The device that it was made from.
    pub(crate) fn device(&self) -> Option<&Arc<Device>> {
        match self {
            Self::Instance(_) | Self::PhysicalDevice(_) => None,
            Self::Device(device) => Some(device),
            Self::Queue(queue) => Some(queue.device()),
            Self::Memory(_, device)
            | Self::Image(_, device)
            | Self::Pool(_, device)
            | Self::QueryPool(_, device)
            | Self::Object(_, device) => Some(device),
        }
    }

    /// The commands that can be called on it.
    pub(crate) fn functions(&self) -> &Functions {
        match self {
            Self::Instance(instance) => instance.host().functions(),
            Self::PhysicalDevice(device) => device.host().functions(),
            Self::Device(device) => device.host().functions(),
            Self::Queue(queue) => queue.device().host().functions(),
            Self::Memory(_, device)
            | Self::Image(_, device)
            | Self::Pool(_, device)
            | Self::QueryPool(_, device)
            | Self::Object(_, device) => device.host().functions(),
        }
    }
}

/// All objects of a context.
#[derive(Default)]
pub(crate) struct Objects {
    table: RwLock<HashMap<u64, Held>>,
    /// Rises with every removal: what was found before may be gone.
    generation: AtomicU64,
    retired: Retired,
}

impl Objects {
    /// The object of this kind and id.
    pub(crate) fn find(&self, kind: ObjectType, id: u64) -> Result<Held, Fatal> {
        self.lookup(kind, id, Held::clone)
            .ok_or(Fatal::Unknown { kind, id })
    }

    /// Names a new object.
    pub(crate) fn insert(&self, id: u64, held: Held) -> Result<(), Fatal> {
        let mut table = self.write();
        if table.len() >= MAX_OBJECTS {
            return Err(Fatal::Limit {
                what: "objects",
                limit: MAX_OBJECTS,
            });
        }
        if id == 0 || table.contains_key(&id) {
            return Err(Fatal::IdTaken(id));
        }
        table.insert(id, held);
        Ok(())
    }

    /// Fails when an id cannot name a new object.
    pub(crate) fn check_fresh(&self, id: u64) -> Result<(), Fatal> {
        if id == 0 || self.read().contains_key(&id) {
            Err(Fatal::IdTaken(id))
        } else {
            Ok(())
        }
    }

    /// The id of the first object for which `is` holds.
    pub(crate) fn id_of(&self, is: impl Fn(&Held) -> bool) -> Option<u64> {
        self.read()
            .iter()
            .find(|(_, held)| is(held))
            .map(|(id, _)| *id)
    }

    /// Puts another object in the place of one, which is returned and retired.
    pub(crate) fn replace(&self, id: u64, held: Held) -> Option<Held> {
        let old = self.write().insert(id, held);
        self.retire(old.clone());
        old
    }

    /// Forgets an object; it is destroyed when no call uses it any more.
    pub(crate) fn remove(&self, kind: ObjectType, id: u64) -> Result<Held, Fatal> {
        let mut table = self.write();
        if table.get(&id).is_none_or(|held| held.kind() != kind) {
            return Err(Fatal::Unknown { kind, id });
        }
        let held = table.remove(&id).ok_or(Fatal::Unknown { kind, id })?;
        drop(table);
        self.retire([held.clone()]);
        Ok(held)
    }

    /// Forgets several objects of one kind.
    pub(crate) fn remove_all(&self, kind: ObjectType, ids: impl IntoIterator<Item = u64>) {
        let mut removed = Vec::new();
        let mut table = self.write();
        for id in ids {
            if table.get(&id).is_some_and(|held| held.kind() == kind) {
                removed.extend(table.remove(&id));
            }
        }
        drop(table);
        self.retire(removed);
    }

    /// Forgets every object for which `gone` holds.
    pub(crate) fn remove_where(&self, gone: impl Fn(&Held) -> bool) {
        let removed: Vec<_> = self
            .write()
            .extract_if(|_, held| gone(held))
            .map(|(_, held)| held)
            .collect();
        self.retire(removed);
    }

    /// Hands everything over, retired objects too: no call is under way any more.
    pub(crate) fn take_all(&self) -> Vec<Held> {
        let mut all: Vec<_> = self.write().drain().map(|(_, held)| held).collect();
        all.extend(self.retired.take_all());
        all
    }

    /// A thread may look objects up from now on.
    pub(crate) fn enter(&self, reader: &Reader) {
        self.retired.enter(reader);
    }

    /// Looks after retired objects; a thread does so between two commands.
    #[inline(always)]
    pub(crate) fn between_commands(&self, reader: &Reader) {
        if self.retired.any() {
            self.retired.settle(reader);
        }
    }

    /// Makes a thread of execution known, whose calls keep objects alive.
    pub(crate) fn reader(&self) -> Arc<Reader> {
        self.retired.reader()
    }

    fn retire(&self, held: impl IntoIterator<Item = Held>) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.retired.add(held);
    }

    fn lookup<T>(&self, kind: ObjectType, id: u64, take: impl FnOnce(&Held) -> T) -> Option<T> {
        self.read()
            .get(&id)
            .filter(|held| held.kind() == kind)
            .map(take)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<u64, Held>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<u64, Held>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries of a [`Cache`]: a power of two, and enough for the objects of a frame.
const CACHE_ENTRIES: usize = 1024;

/// What one thread of execution has looked up, valid until something is removed.
///
/// Recording commands names the same few objects again and again, and the table's lock and
/// hash would cost more than the driver's call.
pub(crate) struct Cache {
    entries: Box<[Cell<Entry>]>,
    target: Cell<Option<Box<Target>>>,
    reader: Arc<Reader>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    id: u64,
    kind: ObjectType,
    raw: u64,
    generation: u64,
}

/// The object that the last command was called on.
pub(crate) struct Target {
    pub(crate) held: Held,
    pub(crate) resolved: Resolved,
    device: Option<Arc<Device>>,
    generation: u64,
}

impl Target {
    /// The commands that can be called on it.
    #[inline]
    pub(crate) fn functions(&self) -> &Functions {
        match &self.device {
            Some(device) => device.host().functions(),
            None => self.held.functions(),
        }
    }

    #[inline]
    fn is(&self, kind: ObjectType, id: u64, generation: u64) -> bool {
        self.resolved.id == id && self.resolved.object == kind && self.generation == generation
    }
}

impl Cache {
    pub(crate) fn new(objects: &Objects) -> Self {
        Self {
            entries: vec![Cell::default(); CACHE_ENTRIES].into(),
            target: Cell::default(),
            reader: objects.reader(),
        }
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The object that a command is called on; give it back with [`Cache::keep`].
    #[inline]
    pub(crate) fn target(
        &self,
        objects: &Objects,
        kind: ObjectType,
        id: u64,
    ) -> Result<Box<Target>, Fatal> {
        let generation = objects.generation.load(Ordering::SeqCst);
        match self.target.take() {
            Some(last) if last.is(kind, id, generation) => Ok(last),
            _ => find_target(objects, kind, id, generation),
        }
    }

    /// Remembers the target for the next command.
    #[inline]
    pub(crate) fn keep(&self, target: Box<Target>) {
        self.target.set(Some(target));
    }

    #[inline]
    fn resolve(&self, objects: &Objects, kind: ObjectType, id: u64) -> Option<u64> {
        let generation = objects.generation.load(Ordering::SeqCst);
        let cell = self.entries.get(slot(id))?;
        let entry = cell.get();
        if entry.id == id && entry.kind == kind && entry.generation == generation && id != 0 {
            return Some(entry.raw);
        }
        let entry = find_entry(objects, kind, id, generation)?;
        cell.set(entry);
        Some(entry.raw)
    }
}

#[cold]
fn find_target(
    objects: &Objects,
    kind: ObjectType,
    id: u64,
    generation: u64,
) -> Result<Box<Target>, Fatal> {
    let held = objects.find(kind, id)?;
    let resolved = Resolved {
        object: kind,
        id,
        raw: held.raw(),
    };
    let device = held.device().cloned();
    Ok(Box::new(Target {
        held,
        resolved,
        device,
        generation,
    }))
}

#[cold]
fn find_entry(objects: &Objects, kind: ObjectType, id: u64, generation: u64) -> Option<Entry> {
    let raw = objects.lookup(kind, id, Held::raw)?;
    Some(Entry {
        id,
        kind,
        raw,
        generation,
    })
}

/// Guests' ids are addresses or counters: both spread over their lower bits.
#[inline]
fn slot(id: u64) -> usize {
    (id ^ id >> 4 ^ id >> 14) as usize & (CACHE_ENTRIES - 1)
}

/// Resolves ids for one call.
pub(crate) struct Resolver<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) cache: &'a Cache,
}

impl Handles for Resolver<'_> {
    fn resolve(&self, object: ObjectType, id: u64) -> Option<u64> {
        self.cache.resolve(self.objects, object, id)
    }
}
