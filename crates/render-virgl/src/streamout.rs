//! Streaming what shaders put out.
//!
//! ```text
//! Ended --draw--> Paused --draw--> Paused
//!   ^                |
//!   +----------------+ drawn from
//! ```
//! Between draws streaming is paused, so that programs may change; and it stays so while other
//! targets are set, because a guest goes on where it was by setting the same targets again.
//! Mesa's driver makes new targets to start anew, and leaves the word about appending 0.

use std::sync::Arc;

use host_gl::{IndexedTarget, Query, TransformFeedback, enums as gl};
use wire_virgl::{PrimitiveMode, ShaderStage, StreamoutTargets};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::limits::{MAX_COUNTED_DRAWS, MAX_FEEDBACKS};
use crate::resource::Resource;
use crate::twin::Use;

/// A part of a buffer to stream to.
#[derive(Debug)]
pub(crate) struct Target {
    resource: Arc<Resource>,
    offset: u64,
    size: u64,
}

/// What is streamed to.
#[derive(Debug, Default)]
pub(crate) struct StreamoutState {
    /// Those that were used, the current one last: a guest goes back to one to append, or to
    /// draw what it holds.
    feedbacks: Vec<Feedback>,
    /// Whether the last of them is in use.
    is_on: bool,
}

/// Targets that are used together, and GL's object for them.
#[derive(Debug)]
struct Feedback {
    targets: Vec<Option<Arc<Target>>>,
    object: TransformFeedback,
    is_paused: bool,
    count: Count,
}

/// How much was written, where GL does not draw as much by itself.
#[derive(Debug, Default)]
struct Count {
    /// Of each draw, what it wrote.
    queries: Vec<Query>,
    /// Those of earlier draws.
    primitives: u64,
    /// Some draw was not counted, because the guest was counting.
    is_unknown: bool,
    /// `GL_POINTS`, `GL_LINES` or `GL_TRIANGLES`
    primitive: u32,
}

/// What was streamed out last.
pub(crate) enum Streamed<'s> {
    /// As much as the host knows.
    Object(&'s TransformFeedback),
    /// So many vertices.
    Vertices(u32),
}

impl StreamoutState {
    /// What was streamed out last, to draw it.
    pub(crate) fn last(&mut self, gl: &host_gl::Current<'_>) -> Result<Streamed<'_>> {
        let none = Error::Misbehaved("drawing what was streamed out, and nothing was");
        let last = self.feedbacks.last_mut().ok_or(none)?;
        // GL draws only what has ended.
        last.end(gl);
        match gl.caps().features.transform_feedback_draw {
            true => Ok(Streamed::Object(&last.object)),
            false => last.count.vertices(gl).map(Streamed::Vertices),
        }
    }
}

impl Count {
    /// Counts what `draw` writes, unless a query of the guest's does.
    fn during<R>(&mut self, gl: &host_gl::Current<'_>, draw: impl FnOnce() -> R) -> R {
        let target = gl::TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN;
        if gl.caps().features.transform_feedback_draw {
            return draw();
        }
        if gl.is_counting(target) {
            self.is_unknown = true;
            return draw();
        }
        if self.queries.len() >= MAX_COUNTED_DRAWS {
            self.sum(gl);
        }
        let query = gl.create_query(target);
        gl.begin_query(&query, 0);
        let done = draw();
        gl.end_query(&query, 0);
        self.queries.push(query);
        done
    }

    fn sum(&mut self, gl: &host_gl::Current<'_>) {
        let counts = self.queries.drain(..);
        let counts = counts.filter_map(|query| gl.query_result(&query, true));
        let primitives = counts.fold(0, u64::saturating_add);
        self.primitives = self.primitives.saturating_add(primitives);
    }

    fn vertices(&mut self, gl: &host_gl::Current<'_>) -> Result<u32> {
        if self.is_unknown {
            return Err(Error::Unsupported(
                "drawing what was streamed out while the guest counted",
            ));
        }
        self.sum(gl);
        let each = match self.primitive {
            gl::POINTS => 1,
            gl::LINES => 2,
            _ => 3,
        };
        let vertices = self.primitives.saturating_mul(each);
        u32::try_from(vertices).map_err(|_| Error::Outside("what was streamed out"))
    }
}

impl StreamoutState {
    /// The buffers that are streamed to, and the parts of them.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&Arc<Resource>, Use)> {
        let last = self.feedbacks.last().filter(|_| self.is_on);
        let targets = last.into_iter().flat_map(|last| last.targets.iter());
        targets.flatten().map(|target| {
            let end = target.offset.saturating_add(target.size);
            (&target.resource, Use::Writes(target.offset..end))
        })
    }

    /// Ends those whose targets the guest has no names for any more.
    fn forget_unnamed(&mut self, gl: &host_gl::Current<'_>) {
        self.feedbacks.retain_mut(|feedback| {
            let is_named = |target: &Arc<Target>| Arc::strong_count(target) > 1;
            let stays = feedback.targets.iter().flatten().any(is_named);
            if !stays {
                feedback.end(gl);
            }
            stays
        });
    }
}

impl Feedback {
    /// What follows starts at the beginning of the targets.
    fn end(&mut self, gl: &host_gl::Current<'_>) {
        if std::mem::take(&mut self.is_paused) {
            gl.bind_feedback(Some(&self.object));
            gl.end_feedback();
            gl.bind_feedback(None);
        }
    }

    fn is_of(&self, targets: &[Option<Arc<Target>>]) -> bool {
        let same = |(a, b): (&Option<Arc<Target>>, &Option<Arc<Target>>)| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        self.targets.len() == targets.len() && self.targets.iter().zip(targets).all(same)
    }
}

impl Scope<'_> {
    pub(crate) fn new_streamout_target(&self, new: &wire_virgl::StreamoutTarget) -> Result<Target> {
        let resource = self.resource(new.resource)?;
        let left = resource.buffer()?.size().checked_sub(new.offset.into());
        let left = left.ok_or(Error::Outside("a stream-output target"))?;
        let size = u64::from(new.size).min(left);
        Ok(Target {
            resource,
            offset: new.offset.into(),
            size,
        })
    }

    pub(crate) fn set_streamout_targets(&mut self, new: &StreamoutTargets) -> Result<()> {
        if !self.gl.caps().features.transform_feedback2 {
            return Err(Error::Unsupported("streaming out"));
        }
        let objects = &self.state.objects;
        let targets = new.targets.iter().map(|id| {
            id.map(|id| objects.streamout_target(id).map(Arc::clone))
                .transpose()
        });
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let streamout = &mut self.state.streamout;
        streamout.is_on = targets.iter().any(Option::is_some);
        if !streamout.is_on {
            return Ok(());
        }
        let known = streamout
            .feedbacks
            .iter()
            .position(|one| one.is_of(&targets));
        let feedback = match known {
            Some(index) => streamout.feedbacks.remove(index),
            None => Feedback {
                targets,
                object: self.gl.create_feedback(),
                is_paused: false,
                count: Count::default(),
            },
        };
        streamout.forget_unnamed(self.gl);
        if streamout.feedbacks.len() >= MAX_FEEDBACKS {
            streamout.feedbacks.remove(0).end(self.gl);
        }
        streamout.feedbacks.push(feedback);
        Ok(())
    }

    /// Streams while `draw` draws, if there are targets and the program streams.
    pub(crate) fn streaming(
        &mut self,
        mode: PrimitiveMode,
        draw: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let wanted = self.state.streamout.is_on && self.state.programs.streams();
        if !wanted {
            return draw(self);
        }
        let mode = self.streamed_primitive(mode);
        let mut count = Count::default();
        if let Some(feedback) = self.state.streamout.feedbacks.last_mut() {
            self.gl.bind_feedback(Some(&feedback.object));
            match feedback.is_paused {
                true => self.gl.resume_feedback(),
                false => {
                    bind_targets(self.gl, &feedback.targets)?;
                    feedback.count = Count {
                        primitive: mode,
                        ..Count::default()
                    };
                    self.gl.begin_feedback(mode);
                }
            }
            feedback.is_paused = true;
            count = std::mem::take(&mut feedback.count);
        }
        let gl = self.gl;
        let done = count.during(gl, || draw(self));
        if let Some(feedback) = self.state.streamout.feedbacks.last_mut() {
            feedback.count = count;
        }
        self.gl.pause_feedback();
        self.gl.bind_feedback(None);
        done
    }

    /// What a draw's primitives are when they are streamed: by the last stage that makes any.
    fn streamed_primitive(&self, mode: PrimitiveMode) -> u32 {
        use PrimitiveMode as P;
        let own = [ShaderStage::Geometry, ShaderStage::TessEval]
            .into_iter()
            .find_map(|stage| self.state.stage(stage).shader.as_ref()?.primitive());
        if let Some(primitive) = own {
            return primitive;
        }
        match mode {
            P::Points => gl::POINTS,
            P::Lines | P::LineLoop | P::LineStrip | P::LinesAdjacency | P::LineStripAdjacency => {
                gl::LINES
            }
            _ => gl::TRIANGLES,
        }
    }
}

fn bind_targets(gl: &host_gl::Current<'_>, targets: &[Option<Arc<Target>>]) -> Result<()> {
    for (index, target) in (0..).zip(targets) {
        match target {
            Some(target) => {
                let buffer = target.resource.buffer()?;
                let kind = IndexedTarget::TransformFeedback;
                gl.bind_buffer_range(kind, index, buffer, target.offset, target.size)?;
            }
            None => gl.unbind_buffer_range(IndexedTarget::TransformFeedback, index),
        }
    }
    Ok(())
}
