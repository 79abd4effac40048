//! `VkQueryPool`: drivers trust the range of queries, and that their results have room.

use std::sync::Arc;

use host_vulkan::Object;
use vulkan_types as t;

use crate::Fatal;
use crate::device;
use crate::objects::Held;
use crate::scope::Scope;

/// A guest's query pool.
pub(crate) struct QueryPool {
    object: Arc<Object>,
    queries: u32,
    /// Numbers in the result of one query.
    values: u64,
}

impl QueryPool {
    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }
}

pub(crate) fn create_query_pool(
    s: &Scope<'_>,
    c: &t::CreateQueryPool<'_>,
) -> Result<t::CreateQueryPoolReply, Fatal> {
    let device = device::find(s, c.device)?;
    let values = values(c.create_info)?;
    let (reply, created) = s.call_creating(c, &[c.query_pool])?;
    if let Some(raw) = created.first().copied().filter(|raw| *raw != 0) {
        let object = Object::new(t::ObjectType::QUERY_POOL, raw, device.host());
        let pool = QueryPool {
            object,
            queries: c.create_info.query_count,
            values,
        };
        s.shared
            .objects
            .insert(c.query_pool.0, Held::QueryPool(Arc::new(pool), device))?;
    }
    Ok(reply)
}

/// Drivers write each result where the stride says, whatever `dataSize` is.
pub(crate) fn get_query_pool_results<'a>(
    s: &Scope<'a>,
    c: &t::GetQueryPoolResults,
) -> Result<t::GetQueryPoolResultsReply<'a>, Fatal> {
    const NAME: &str = "vkGetQueryPoolResults";
    let pool = check(s, NAME, c.query_pool, c.first_query, c.query_count)?;
    let width = if c.flags.contains(t::QueryResultFlags::_64) {
        8
    } else {
        4
    };
    let status = t::QueryResultFlags::WITH_AVAILABILITY | t::QueryResultFlags::WITH_STATUS_KHR;
    let values = pool.values + u64::from(c.flags.intersects(status));
    let last = c.stride.checked_mul(c.query_count.saturating_sub(1).into());
    let end = last.and_then(|last| last.checked_add(values * width));
    if end.is_none_or(|end| end > c.data_room as u64) {
        return Err(Fatal::misuse(NAME, "results past their room"));
    }
    s.call(c)
}

macro_rules! in_range {
    ($($function:ident: $command:ty => $reply:ident, $name:literal, $first:ident, $count:expr;)*) => {
        $(pub(crate) fn $function(s: &Scope<'_>, c: &$command) -> Result<t::$reply, Fatal> {
            let count: fn(&$command) -> u32 = $count;
            check(s, $name, c.query_pool, c.$first, count(c))?;
            s.call(c)
        })*
    };
}

in_range! {
    reset_query_pool: t::ResetQueryPool => ResetQueryPoolReply, "vkResetQueryPool", first_query, |c| c.query_count;
    cmd_reset_query_pool: t::CmdResetQueryPool => CmdResetQueryPoolReply, "vkCmdResetQueryPool", first_query, |c| c.query_count;
    cmd_copy_query_pool_results: t::CmdCopyQueryPoolResults => CmdCopyQueryPoolResultsReply, "vkCmdCopyQueryPoolResults", first_query, |c| c.query_count;
    cmd_begin_query: t::CmdBeginQuery => CmdBeginQueryReply, "vkCmdBeginQuery", query, |_| 1;
    cmd_end_query: t::CmdEndQuery => CmdEndQueryReply, "vkCmdEndQuery", query, |_| 1;
    cmd_begin_query_indexed_ext: t::CmdBeginQueryIndexedEXT => CmdBeginQueryIndexedEXTReply, "vkCmdBeginQueryIndexedEXT", query, |_| 1;
    cmd_end_query_indexed_ext: t::CmdEndQueryIndexedEXT => CmdEndQueryIndexedEXTReply, "vkCmdEndQueryIndexedEXT", query, |_| 1;
    cmd_write_timestamp: t::CmdWriteTimestamp => CmdWriteTimestampReply, "vkCmdWriteTimestamp", query, |_| 1;
    cmd_write_timestamp2: t::CmdWriteTimestamp2 => CmdWriteTimestamp2Reply, "vkCmdWriteTimestamp2", query, |_| 1;
    cmd_write_acceleration_structures_properties_khr: t::CmdWriteAccelerationStructuresPropertiesKHR<'_> => CmdWriteAccelerationStructuresPropertiesKHRReply, "vkCmdWriteAccelerationStructuresPropertiesKHR", first_query, |c| c.acceleration_structure_count;
}

/// The pool, when it has all queries of a range.
fn check(
    s: &Scope<'_>,
    command: &'static str,
    id: t::QueryPoolId,
    first: u32,
    count: u32,
) -> Result<Arc<QueryPool>, Fatal> {
    let Held::QueryPool(pool, _) = s.shared.objects.find(t::ObjectType::QUERY_POOL, id.0)? else {
        return Err(Fatal::Unknown {
            kind: t::ObjectType::QUERY_POOL,
            id: id.0,
        });
    };
    if first
        .checked_add(count)
        .is_none_or(|end| end > pool.queries)
    {
        return Err(Fatal::misuse(
            command,
            "queries that the pool does not have",
        ));
    }
    Ok(pool)
}

/// How many numbers the result of one query has ("Queries").
fn values(info: &t::QueryPoolCreateInfo<'_>) -> Result<u64, Fatal> {
    use t::QueryType as Q;
    Ok(match info.query_type {
        Q::PIPELINE_STATISTICS => info.pipeline_statistics.0.count_ones().into(),
        Q::TRANSFORM_FEEDBACK_STREAM_EXT => 2,
        Q::OCCLUSION
        | Q::TIMESTAMP
        | Q::PRIMITIVES_GENERATED_EXT
        | Q::MESH_PRIMITIVES_GENERATED_EXT
        | Q::ACCELERATION_STRUCTURE_COMPACTED_SIZE_KHR
        | Q::ACCELERATION_STRUCTURE_SERIALIZATION_SIZE_KHR
        | Q::ACCELERATION_STRUCTURE_SERIALIZATION_BOTTOM_LEVEL_POINTERS_KHR
        | Q::ACCELERATION_STRUCTURE_SIZE_KHR => 1,
        _ => {
            return Err(Fatal::misuse(
                "vkCreateQueryPool",
                "a type of query that no offered extension has",
            ));
        }
    })
}
