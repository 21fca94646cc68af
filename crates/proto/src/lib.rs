//! The messages of gRPC, as a build script makes them of the files in `proto/`: `zitadel.auth.v1` is
//! [`zitadel::auth::v1`].

pub use prost::{self, Message};
pub use prost_types::{Any, DescriptorProto, Duration, FileDescriptorProto, FileDescriptorSet, Timestamp};

include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// The files of `proto/` as they were compiled: a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
