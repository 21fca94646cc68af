//! `zitadel.auth.v1.AuthService` by gRPC and gRPC-Web, in frames that are made by hand.

mod account;
mod frames;
mod health;
mod methods;
mod reflection;
mod streams;
mod tenant;
mod web;

use crate::support::Person;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use bytes::Bytes;
use h2::client::SendRequest;
use poem::http::{HeaderMap, Request};
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;
use tenantry_proto::{DESCRIPTORS, Message, google::rpc::Status};
use tokio::net::TcpStream;

const AUTH: &str = "zitadel.auth.v1.AuthService";
/// Those that ask for somebody who is signed in.
const METHODS: &[&str] = &[
    "GetSupportedLanguages",
    "GetMyUser",
    "GetMyProfile",
    "UpdateMyProfile",
    "GetMyEmail",
    "SetMyEmail",
    "VerifyMyEmail",
    "ResendMyEmailVerification",
    "UpdateMyPassword",
    "UpdateMyUserName",
    "RemoveMyUser",
    "RemoveMyAvatar",
    "ListMyUserSessions",
    "ListMyRefreshTokens",
    "RevokeMyRefreshToken",
    "RevokeAllMyRefreshTokens",
    "ListMyLinkedIDPs",
    "RemoveMyLinkedIDP",
    "ListMyMetadata",
    "GetMyMetadata",
    "ListMyUserChanges",
    "ListMyZitadelPermissions",
    "ListMyProjectPermissions",
    "ListMyMemberships",
    "ListMyUserGrants",
    "ListMyProjectOrgs",
    "GetMyPasswordComplexityPolicy",
    "GetMyLoginPolicy",
    "GetMyLabelPolicy",
    "GetMyPrivacyPolicy",
];
/// The largest message.
const LARGEST: usize = 1 << 20;

/// What answered a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    /// As they came.
    bytes: Vec<u8>,
    trailers: HeaderMap,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// That the call did what it was for. In gRPC-Web, what it says of that is the end of the body.
    #[track_caller]
    pub(crate) fn check(&self) {
        let said = self
            .trailers
            .get("grpc-status")
            .map_or(&self.bytes[..], |status| status.as_bytes());
        let is_done = said == b"0" || said.ends_with(b"grpc-status: 0\r\n");
        assert!(self.status == 200 && is_done, "{self:?}");
    }

    /// The message, if the call did what it was for.
    #[track_caller]
    fn message(&self) -> &[u8] {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.trailers["grpc-status"], "0", "{self:?}");
        let (head, message) = self.bytes.split_at(5);
        assert_eq!(head, frame(message).split_at(5).0);
        message
    }

    /// How it was refused: by the gRPC code and the stable one, in headers alone.
    #[track_caller]
    fn refusal(&self) -> (i32, String) {
        let status = self.refused();
        let id = as_json("google.rpc.Status", &status.encode_to_vec())["details"][0]["id"].clone();
        (status.code, id.as_str().unwrap().to_owned())
    }

    #[track_caller]
    fn refused(&self) -> Status {
        assert_eq!(self.status, 200, "once routed, HTTP has done its part: {self:?}");
        assert!(self.bytes.is_empty() && self.trailers.is_empty(), "{self:?}");
        let details = BASE64_STANDARD_NO_PAD.decode(self.header("grpc-status-details-bin"));
        let status = Status::decode(&details.unwrap()[..]).unwrap();
        assert_eq!(self.header("grpc-status"), status.code.to_string());
        let words = percent_encoding::percent_decode_str(self.header("grpc-message"));
        assert_eq!(words.decode_utf8().unwrap(), status.message);
        status
    }
}

/// A connection to this server, by HTTP/2 without a word before.
async fn connect(base: &str) -> SendRequest<Bytes> {
    let address = base.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A message in its frame.
fn frame(message: &[u8]) -> Vec<u8> {
    frame_of(0, message)
}

fn frame_of(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// A message as the JSON mapping of proto3 has it, by what the files in `proto/` say alone.
#[track_caller]
fn as_json(name: &str, message: &[u8]) -> Value {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let descriptor = pool.get_message_by_name(name).expect(name);
    serde_json::to_value(DynamicMessage::decode(descriptor, message).unwrap()).unwrap()
}

/// A call as it is sent.
pub(crate) struct Call<'a> {
    pub(crate) path: String,
    headers: Vec<(&'a str, String)>,
    body: Vec<u8>,
}

impl<'a> Call<'a> {
    /// Of a method of the service, by gRPC.
    pub(crate) fn new(method: &str, message: &impl Message) -> Self {
        Self {
            path: format!("/{AUTH}/{method}"),
            headers: vec![("content-type", "application/grpc".to_owned())],
            body: frame(&message.encode_to_vec()),
        }
    }

    /// The same with this header.
    pub(crate) fn with(mut self, name: &'a str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same with this body.
    fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Sends it by HTTP/2 without a word before.
    pub(crate) async fn send(self, by: &Person<'_>) -> Answer {
        let mut client = connect(&by.tenant.app.base).await;
        let mut request = Request::post(format!("{}{}", by.tenant.base, self.path)).header("te", "trailers");
        if let Some(token) = by.tokens["accessToken"].as_str() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let (response, mut stream) = client.send_request(request.body(()).unwrap(), false).unwrap();
        // Who was refused before their message was read need not send all of it.
        let _ = stream.send_data(self.body.into(), true);
        let (head, mut body) = response.await.unwrap().into_parts();
        let mut bytes = vec![];
        while let Some(Ok(chunk)) = body.data().await {
            body.flow_control().release_capacity(chunk.len()).unwrap();
            bytes.extend(chunk);
        }
        let trailers = body.trailers().await.ok().flatten().unwrap_or_default();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            bytes,
            trailers,
        }
    }
}
