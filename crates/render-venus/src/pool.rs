//! Pools: what is allocated from one goes with it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use host_vulkan::Object;
use vulkan_types as t;
use vulkan_types::{Id, ObjectType};

use crate::Fatal;
use crate::context_impl::lock;
use crate::objects::Held;
use crate::scope::Scope;

/// A descriptor pool or a command pool.
pub(crate) struct Pool {
    object: Arc<Object>,
    children: Mutex<HashSet<u64>>,
}

impl Pool {
    pub(crate) fn new(object: Arc<Object>) -> Self {
        Self {
            object,
            children: Mutex::default(),
        }
    }

    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }
}

/// The kind of object that a kind of pool holds.
fn child_of(pool: ObjectType) -> ObjectType {
    if pool == ObjectType::COMMAND_POOL {
        ObjectType::COMMAND_BUFFER
    } else {
        ObjectType::DESCRIPTOR_SET
    }
}

pub(crate) fn destroy_descriptor_pool(
    s: &Scope<'_>,
    c: &t::DestroyDescriptorPool,
) -> Result<t::DestroyDescriptorPoolReply, Fatal> {
    destroy(s, c.descriptor_pool)?;
    Ok(t::DestroyDescriptorPoolReply {})
}

pub(crate) fn reset_descriptor_pool(
    s: &Scope<'_>,
    c: &t::ResetDescriptorPool,
) -> Result<t::ResetDescriptorPoolReply, Fatal> {
    let reply = s.call(c)?;
    forget_all(s, &*find(s, c.descriptor_pool)?);
    Ok(reply)
}

pub(crate) fn allocate_descriptor_sets<'a>(
    s: &Scope<'a>,
    c: &t::AllocateDescriptorSets<'a>,
) -> Result<t::AllocateDescriptorSetsReply<'a>, Fatal> {
    let pool = find(s, c.allocate_info.descriptor_pool)?;
    let (reply, created) = s.call_creating(c, c.descriptor_sets)?;
    adopt(s, c.device, &pool, c.descriptor_sets, &created)?;
    Ok(reply)
}

pub(crate) fn free_descriptor_sets(
    s: &Scope<'_>,
    c: &t::FreeDescriptorSets<'_>,
) -> Result<t::FreeDescriptorSetsReply, Fatal> {
    let pool = find(s, c.descriptor_pool)?;
    check_children(&pool, c.descriptor_sets, c.descriptor_set_count)?;
    let reply = s.call(c)?;
    forget(s, &pool, c.descriptor_sets);
    Ok(reply)
}

pub(crate) fn destroy_command_pool(
    s: &Scope<'_>,
    c: &t::DestroyCommandPool,
) -> Result<t::DestroyCommandPoolReply, Fatal> {
    destroy(s, c.command_pool)?;
    Ok(t::DestroyCommandPoolReply {})
}

pub(crate) fn allocate_command_buffers<'a>(
    s: &Scope<'a>,
    c: &t::AllocateCommandBuffers<'a>,
) -> Result<t::AllocateCommandBuffersReply<'a>, Fatal> {
    let pool = find(s, c.allocate_info.command_pool)?;
    let (reply, created) = s.call_creating(c, c.command_buffers)?;
    adopt(s, c.device, &pool, c.command_buffers, &created)?;
    Ok(reply)
}

pub(crate) fn free_command_buffers(
    s: &Scope<'_>,
    c: &t::FreeCommandBuffers<'_>,
) -> Result<t::FreeCommandBuffersReply, Fatal> {
    let pool = find(s, c.command_pool)?;
    check_children(&pool, c.command_buffers, c.command_buffer_count)?;
    let reply = s.call(c)?;
    forget(s, &pool, c.command_buffers);
    Ok(reply)
}

fn find(s: &Scope<'_>, id: impl Id) -> Result<Arc<Pool>, Fatal> {
    match s.shared.objects.find(kind_of(id), id.raw())? {
        Held::Pool(pool, _) => Ok(pool),
        _ => Err(Fatal::Unknown {
            kind: kind_of(id),
            id: id.raw(),
        }),
    }
}

fn kind_of<I: Id>(_: I) -> ObjectType {
    I::TYPE
}

/// Names what was allocated.
fn adopt<I: Id>(
    s: &Scope<'_>,
    device: t::DeviceId,
    pool: &Arc<Pool>,
    ids: &[I],
    created: &[u64],
) -> Result<(), Fatal> {
    let device = crate::device::find(s, device)?;
    for (id, raw) in ids.iter().zip(created).filter(|(_, raw)| **raw != 0) {
        let object = Object::pooled(I::TYPE, *raw, device.host(), pool.object());
        s.shared
            .objects
            .insert(id.raw(), Held::Object(object, Arc::clone(&device)))?;
        lock(&pool.children).insert(id.raw());
    }
    Ok(())
}

/// What is freed to a pool is of that pool, or it would be found here after the driver has
/// freed it; and once, or the driver would free it twice. Elements may be null, the array not.
fn check_children<I: Id>(pool: &Pool, ids: &[I], count: u32) -> Result<(), Fatal> {
    if ids.len() != count as usize {
        return Err(Fatal::Range {
            what: "array of children",
        });
    }
    let children = lock(&pool.children);
    let mut seen = HashSet::new();
    let stray = ids
        .iter()
        .map(|id| id.raw())
        .find(|id| *id != 0 && !(children.contains(id) && seen.insert(*id)));
    stray.map_or(Ok(()), |id| Err(Fatal::Unknown { kind: I::TYPE, id }))
}

fn forget<I: Id>(s: &Scope<'_>, pool: &Pool, ids: &[I]) {
    let mut children = lock(&pool.children);
    let ours: Vec<u64> = ids
        .iter()
        .map(|id| id.raw())
        .filter(|id| children.remove(id))
        .collect();
    drop(children);
    s.shared.objects.remove_all(I::TYPE, ours);
}

fn forget_all(s: &Scope<'_>, pool: &Pool) {
    let children = std::mem::take(&mut *lock(&pool.children));
    s.shared
        .objects
        .remove_all(child_of(pool.object.kind()), children);
}

fn destroy(s: &Scope<'_>, id: impl Id) -> Result<(), Fatal> {
    if id.raw() != 0
        && let Held::Pool(pool, _) = s.shared.objects.remove(kind_of(id), id.raw())?
    {
        forget_all(s, &pool);
    }
    Ok(())
}
