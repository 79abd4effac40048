//! What is done with queries. Making them is in `object`.

use crate::codec::{numbers, payload};
use crate::ids::{ObjectId, ResourceId};

payload! {
    /// A wish for a result in the query's own resource (`VIRGL_QUERY_RESULT_*`).
    #[derive(Eq)]
    pub struct GetQueryResult {
        /// The query.
        pub query: ObjectId,
        /// Whether to wait until there is one.
        pub wait: bool,
    }

    /// A wish for a result in a buffer (`VIRGL_QUERY_RESULT_QBO_*`).
    #[derive(Eq)]
    pub struct GetQueryResultQbo {
        /// The query.
        pub query: ObjectId,
        /// The buffer.
        pub buffer: ResourceId,
        /// Whether to wait until there is one.
        pub wait: bool,
        /// How the result is written.
        pub result_type: QueryResultType,
        /// Bytes into the buffer.
        pub offset: u32,
        /// Which part of a result of several; -1 is whether there is a result.
        pub index: i32,
    }

    /// Draw only if (`VIRGL_RENDER_CONDITION_*`).
    #[derive(Eq)]
    pub struct RenderCondition {
        /// The query; none draws always.
        pub query: Option<ObjectId>,
        /// Draw if the result is this.
        pub condition: ConditionBit,
        /// Whether to wait for it.
        pub mode: RenderConditionMode,
    }
}

numbers! {
    /// How a query's result is written (`enum pipe_query_value_type`).
    pub enum QueryResultType "query result type" {
        0 I32 "PIPE_QUERY_TYPE_I32",
        1 U32 "PIPE_QUERY_TYPE_U32",
        2 I64 "PIPE_QUERY_TYPE_I64",
        3 U64 "PIPE_QUERY_TYPE_U64",
    }

    /// Whether to wait for a condition.
    pub enum RenderConditionMode "render condition mode" {
        0 Wait "PIPE_RENDER_COND_WAIT",
        1 NoWait "PIPE_RENDER_COND_NO_WAIT",
        2 ByRegionWait "PIPE_RENDER_COND_BY_REGION_WAIT",
        3 ByRegionNoWait "PIPE_RENDER_COND_BY_REGION_NO_WAIT",
    }
}

/// A condition: only the word's lowest bit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConditionBit(pub bool);

impl crate::codec::Wire for ConditionBit {
    fn parse(reader: &mut wire::Reader<'_>) -> Result<Self, wire::ParseError> {
        reader.u32().map(|word| Self(word & 1 != 0))
    }

    fn encode(&self, writer: &mut wire::Writer) {
        writer.u32(self.0.into());
    }
}
