//! What JSON says, as messages.

mod account;
mod policies;
mod rights;

use crate::{groups::me::shape, kit::time::Timestamp};
use tenantry_proto::{
    self as proto,
    zitadel::{
        auth::v1::{
            RemoveMyAvatarResponse, RemoveMyLinkedIdpResponse, RemoveMyUserResponse, ResendMyEmailVerificationResponse,
            RevokeMyRefreshTokenResponse, SetMyEmailResponse, UpdateMyPasswordResponse, UpdateMyProfileResponse,
            UpdateMyUserNameResponse, VerifyMyEmailResponse,
        },
        v1::{ListDetails, ObjectDetails},
    },
};

/// To the microsecond, as JSON has it.
fn moment(Timestamp(at): Timestamp) -> proto::Timestamp {
    proto::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_micros() * 1000).unwrap_or_default(),
    }
}

macro_rules! written {
    ($($answer:ident),+) => {$(
        impl From<shape::Written> for $answer {
            fn from(from: shape::Written) -> Self {
                Self {
                    details: Some(from.details.into()),
                }
            }
        }
    )+};
}

written!(
    SetMyEmailResponse,
    VerifyMyEmailResponse,
    ResendMyEmailVerificationResponse,
    UpdateMyProfileResponse,
    UpdateMyPasswordResponse,
    RemoveMyAvatarResponse,
    UpdateMyUserNameResponse,
    RemoveMyUserResponse,
    RevokeMyRefreshTokenResponse,
    RemoveMyLinkedIdpResponse
);

/// An answer with details of a list, and the part of it.
macro_rules! listed {
    ($($from:ty => $answer:ident of $item:ident;)+) => {$(
        impl From<$from> for $answer {
            fn from(from: $from) -> Self {
                Self {
                    details: Some(from.details.into()),
                    result: from.result.into_iter().map($item::from).collect(),
                }
            }
        }
    )+};
}
use listed;

impl From<shape::ObjectDetails> for ObjectDetails {
    fn from(from: shape::ObjectDetails) -> Self {
        Self {
            sequence: from.sequence.0,
            creation_date: Some(moment(from.creation_date)),
            change_date: Some(moment(from.change_date)),
            resource_owner: from.resource_owner.to_string(),
        }
    }
}

impl From<shape::ListDetails> for ListDetails {
    fn from(from: shape::ListDetails) -> Self {
        Self {
            total_result: from.total_result.0,
            processed_sequence: 0,
            view_timestamp: Some(moment(from.view_timestamp)),
        }
    }
}
