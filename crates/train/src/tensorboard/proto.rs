//! The protocol buffers of TensorFlow's `event.proto` and `summary.proto`, as far as they are needed.

use prost::Message;

/// What a reader takes for granted of a file that begins with it; purging needs version 2.
pub(super) const FILE_VERSION: &str = "brain.Event:2";

/// What a record holds: one of its optional fields.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub(super) wall_time: f64,
    #[prost(int64, tag = "2")]
    pub(super) step: i64,
    #[prost(string, optional, tag = "3")]
    pub(super) file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(super) summary: Option<Summary>,
    #[prost(message, optional, tag = "7")]
    pub(super) session_log: Option<SessionLog>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(super) value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Value {
    #[prost(string, tag = "1")]
    pub(super) tag: String,
    /// Optional, so that a zero is written as well.
    #[prost(float, optional, tag = "2")]
    pub(super) simple_value: Option<f32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct SessionLog {
    /// 1 start, 2 stop, 3 checkpoint.
    #[prost(int32, tag = "1")]
    pub(super) status: i32,
}

impl SessionLog {
    /// From this event's step on, what was written before it does not count.
    pub(super) const START: Self = Self { status: 1 };
}
