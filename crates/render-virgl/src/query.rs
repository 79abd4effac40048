//! Queries, their results, and drawing only if.

use std::sync::Arc;

use host_gl::{Current, enums as gl};
use wire_virgl::{
    GetQueryResult, GetQueryResultQbo, ObjectId, QueryResultType, QueryType, RenderCondition,
    RenderConditionMode,
};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::Resource;
use crate::sub_context::State;
use crate::twin::Use;

/// A query.
#[derive(Debug)]
pub(crate) struct Query {
    gl: host_gl::Query,
    stream: u32,
    /// Where the result goes.
    resource: Arc<Resource>,
    offset: u64,
}

/// What is under way.
#[derive(Debug, Default)]
pub(crate) struct QueryState {
    /// Results that were asked for and are not there yet.
    wanted: Vec<Arc<Query>>,
    /// Draws happen only if.
    condition: Option<(Arc<Query>, u32)>,
}

/// `VIRGL_QUERY_STATE_DONE`
const DONE: u32 = 1;

/// Counters by `enum virgl_statistics_query_index`.
const STATISTICS: [u32; 11] = [
    gl::VERTICES_SUBMITTED,
    gl::PRIMITIVES_SUBMITTED,
    gl::VERTEX_SHADER_INVOCATIONS,
    gl::GEOMETRY_SHADER_INVOCATIONS,
    gl::GEOMETRY_SHADER_PRIMITIVES_EMITTED,
    gl::CLIPPING_INPUT_PRIMITIVES,
    gl::CLIPPING_OUTPUT_PRIMITIVES,
    gl::FRAGMENT_SHADER_INVOCATIONS,
    gl::TESS_CONTROL_SHADER_PATCHES,
    gl::TESS_EVALUATION_SHADER_INVOCATIONS,
    gl::COMPUTE_SHADER_INVOCATIONS,
];

/// GL's number for what is counted, if this context counts it.
fn target(gl: &Current<'_>, query: &wire_virgl::Query) -> Option<u32> {
    use QueryType as Q;
    let features = &gl.caps().features;
    let is_es = gl.caps().api.is_es();
    match query.query_type {
        Q::OcclusionCounter => Some(if is_es {
            gl::ANY_SAMPLES_PASSED
        } else {
            gl::SAMPLES_PASSED
        }),
        Q::OcclusionPredicate => Some(gl::ANY_SAMPLES_PASSED),
        Q::OcclusionPredicateConservative if gl.caps().is_at_least(43, 30) => {
            Some(gl::ANY_SAMPLES_PASSED_CONSERVATIVE)
        }
        Q::OcclusionPredicateConservative => Some(gl::ANY_SAMPLES_PASSED),
        Q::Timestamp if features.timer_query => Some(gl::TIMESTAMP),
        Q::TimeElapsed if features.timer_query => Some(gl::TIME_ELAPSED),
        Q::PrimitivesGenerated if !is_es || gl.caps().is_at_least(0, 32) => {
            Some(gl::PRIMITIVES_GENERATED)
        }
        Q::PrimitivesEmitted => Some(gl::TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN),
        Q::StreamoutOverflowPredicate if features.transform_feedback_overflow_query => {
            Some(gl::TRANSFORM_FEEDBACK_STREAM_OVERFLOW)
        }
        Q::StreamoutOverflowAnyPredicate if features.transform_feedback_overflow_query => {
            Some(gl::TRANSFORM_FEEDBACK_OVERFLOW)
        }
        Q::PipelineStatistics if features.pipeline_statistics_query => {
            STATISTICS.get(usize::from(query.index)).copied()
        }
        _ => None,
    }
}

impl Query {
    fn has_stream(&self) -> bool {
        matches!(
            self.gl.target(),
            gl::PRIMITIVES_GENERATED
                | gl::TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN
                | gl::TRANSFORM_FEEDBACK_STREAM_OVERFLOW
        )
    }

    fn stream(&self) -> u32 {
        if self.has_stream() { self.stream } else { 0 }
    }

    /// Writes the result where the guest looks for it. False if there is none yet.
    fn deliver(&self, gl: &Current<'_>, wait: bool) -> Result<bool> {
        let Some(result) = gl.query_result(&self.gl, wait) else {
            return Ok(false);
        };
        // `struct virgl_host_query_state`: the state last, for it says that the rest is there.
        let size = size_of::<u64>() as u32;
        let mut bytes = [0; 16];
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes[8..].copy_from_slice(&result.to_le_bytes());
        self.write(4, &bytes[4..])?;
        self.write(0, &DONE.to_le_bytes())?;
        Ok(true)
    }

    fn write(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let offset = self.offset.saturating_add(at);
        self.resource.write_system(offset, bytes)
    }
}

impl State {
    /// Whether results were asked for that are not there yet.
    pub(crate) fn has_wanted_results(&self) -> bool {
        !self.queries.wanted.is_empty()
    }

    /// Waits for the results that were asked for: the guest looks for them when a fence has
    /// told it that they are there.
    pub(crate) fn deliver_results(&mut self, gl: &Current<'_>) -> Result<()> {
        for query in std::mem::take(&mut self.queries.wanted) {
            query.deliver(gl, true)?;
        }
        Ok(())
    }
}

impl Scope<'_> {
    pub(crate) fn new_query(&self, new: &wire_virgl::Query) -> Result<Query> {
        let resource = self.resource(new.resource)?;
        let target = target(self.gl, new).ok_or(Error::Unsupported("such a query"))?;
        let gl = self.gl.create_query(target);
        Ok(Query {
            gl,
            stream: new.index.into(),
            resource,
            offset: new.offset.into(),
        })
    }

    pub(crate) fn begin_query(&mut self, id: ObjectId) -> Result<()> {
        let query = self.state.objects.query(id)?;
        match query.gl.target() {
            gl::TIMESTAMP => {}
            _ => self.gl.begin_query(&query.gl, query.stream()),
        }
        Ok(())
    }

    pub(crate) fn end_query(&mut self, id: ObjectId) -> Result<()> {
        let query = self.state.objects.query(id)?;
        match query.gl.target() {
            gl::TIMESTAMP => self.gl.query_timestamp(&query.gl),
            _ => self.gl.end_query(&query.gl, query.stream()),
        }
        Ok(())
    }

    pub(crate) fn query_result(&mut self, wish: &GetQueryResult) -> Result<()> {
        let query = Arc::clone(self.state.objects.query(wish.query)?);
        if !query.deliver(self.gl, wish.wait)? {
            self.state.queries.wanted.push(query);
        }
        Ok(())
    }

    pub(crate) fn query_result_qbo(&mut self, wish: &GetQueryResultQbo) -> Result<()> {
        let resource = self.resource(wish.buffer)?;
        let start = u64::from(wish.offset);
        self.prepare(&resource, Use::Writes(start..start.saturating_add(8)))?;
        let query = self.state.objects.query(wish.query)?;
        let question = match (wish.index, wish.wait) {
            (-1, _) => gl::QUERY_RESULT_AVAILABLE,
            (_, true) => gl::QUERY_RESULT,
            (_, false) => gl::QUERY_RESULT_NO_WAIT,
        };
        let is_64_bit = matches!(
            wish.result_type,
            QueryResultType::I64 | QueryResultType::U64
        );
        let (buffer, offset) = (resource.buffer()?, wish.offset.into());
        Ok(self
            .gl
            .query_result_to_buffer(&query.gl, question, buffer, offset, is_64_bit)?)
    }

    pub(crate) fn set_render_condition(&mut self, condition: &RenderCondition) -> Result<()> {
        if self.state.queries.condition.take().is_some() {
            self.gl.end_condition();
        }
        let Some(id) = condition.query else {
            return Ok(());
        };
        let features = &self.gl.caps().features;
        let inverted = condition.condition.0;
        if !features.conditional_render || inverted && !features.conditional_render_inverted {
            return Err(Error::Unsupported("drawing on a condition"));
        }
        let query = Arc::clone(self.state.objects.query(id)?);
        let mode = mode(condition.mode, inverted);
        self.gl.begin_condition(&query.gl, mode);
        self.state.queries.condition = Some((query, mode));
        Ok(())
    }

    /// Does `work`, if `paused` whatever the condition.
    pub(crate) fn without_condition(
        &mut self,
        paused: bool,
        work: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let condition = self.state.queries.condition.clone().filter(|_| paused);
        if condition.is_some() {
            self.gl.end_condition();
        }
        let done = work(self);
        if let Some((query, mode)) = condition {
            self.gl.begin_condition(&query.gl, mode);
        }
        done
    }
}

const fn mode(mode: RenderConditionMode, inverted: bool) -> u32 {
    use RenderConditionMode as M;
    match (mode, inverted) {
        (M::Wait, false) => gl::QUERY_WAIT,
        (M::NoWait, false) => gl::QUERY_NO_WAIT,
        (M::ByRegionWait, false) => gl::QUERY_BY_REGION_WAIT,
        (M::ByRegionNoWait, false) => gl::QUERY_BY_REGION_NO_WAIT,
        (M::Wait, true) => gl::QUERY_WAIT_INVERTED,
        (M::NoWait, true) => gl::QUERY_NO_WAIT_INVERTED,
        (M::ByRegionWait, true) => gl::QUERY_BY_REGION_WAIT_INVERTED,
        (M::ByRegionNoWait, true) => gl::QUERY_BY_REGION_NO_WAIT_INVERTED,
    }
}
