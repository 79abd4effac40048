//! The table of a context's objects: a guest's id finds an object of one kind, or nothing.

use std::cell::RefCell;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::HashMap;
use host_vulkan::{Allocation, Functions, Handles, Object};
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
}

impl Objects {
    /// The object of this kind and id.
    pub(crate) fn find(&self, kind: ObjectType, id: u64) -> Result<Held, Fatal> {
        self.lookup(kind, id).ok_or(Fatal::Unknown { kind, id })
    }

    /// Names a new object.
    pub(crate) fn insert(&self, id: u64, held: Held) -> Result<(), Fatal> {
        let mut table = self.write();
        if table.len() >= MAX_OBJECTS {
            return Err(Fatal::Limit { what: "objects", limit: MAX_OBJECTS });
        }
        if id == 0 || table.contains_key(&id) {
            return Err(Fatal::IdTaken(id));
        }
        table.insert(id, held);
        Ok(())
    }

    /// Fails when an id cannot name a new object.
    pub(crate) fn check_fresh(&self, id: u64) -> Result<(), Fatal> {
        if id == 0 || self.read().contains_key(&id) { Err(Fatal::IdTaken(id)) } else { Ok(()) }
    }

    /// The id of the first object for which `is` holds.
    pub(crate) fn id_of(&self, is: impl Fn(&Held) -> bool) -> Option<u64> {
        self.read().iter().find(|(_, held)| is(held)).map(|(id, _)| *id)
    }

    /// Puts another object in the place of one.
    pub(crate) fn replace(&self, id: u64, held: Held) -> Option<Held> {
        self.write().insert(id, held)
    }

    /// Forgets an object; it is destroyed when no call uses it any more.
    pub(crate) fn remove(&self, kind: ObjectType, id: u64) -> Result<Held, Fatal> {
        let mut table = self.write();
        if table.get(&id).is_none_or(|held| held.kind() != kind) {
            return Err(Fatal::Unknown { kind, id });
        }
        table.remove(&id).ok_or(Fatal::Unknown { kind, id })
    }

    /// Forgets several objects of one kind.
    pub(crate) fn remove_all(&self, kind: ObjectType, ids: impl IntoIterator<Item = u64>) {
        // Destroyed after the lock is let go of.
        let mut removed = Vec::new();
        let mut table = self.write();
        for id in ids {
            if table.get(&id).is_some_and(|held| held.kind() == kind) {
                removed.extend(table.remove(&id));
            }
        }
        drop(table);
    }

    /// Forgets every object for which `gone` holds, and hands them over.
    pub(crate) fn take(&self, gone: impl Fn(&Held) -> bool) -> Vec<Held> {
        self.write().extract_if(|_, held| gone(held)).map(|(_, held)| held).collect()
    }

    fn lookup(&self, kind: ObjectType, id: u64) -> Option<Held> {
        self.read().get(&id).filter(|held| held.kind() == kind).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<u64, Held>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<u64, Held>> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves ids for one call, and holds what it found until the call is over: another ring
/// may destroy an object while this one uses it.
pub(crate) struct Pins<'a> {
    objects: &'a Objects,
    held: RefCell<Vec<Held>>,
}

impl<'a> Pins<'a> {
    pub(crate) fn new(objects: &'a Objects) -> Self {
        Self { objects, held: RefCell::default() }
    }
}

impl Handles for Pins<'_> {
    fn resolve(&self, object: ObjectType, id: u64) -> Option<u64> {
        let held = self.objects.lookup(object, id)?;
        let raw = held.raw();
        self.held.borrow_mut().push(held);
        Some(raw)
    }
}
