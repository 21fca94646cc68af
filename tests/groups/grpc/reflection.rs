//! Server reflection: for tools that know no file of `proto/`.

use super::{AUTH, connect, frame, streams::Stream};
use crate::support::TestApp;
use prost_reflect::DescriptorPool;
use std::collections::{BTreeMap, BTreeSet};
use tenantry_proto::{
    FileDescriptorProto, FileDescriptorSet, Message,
    grpc::reflection::v1::{
        ExtensionRequest, ServerReflectionRequest, ServerReflectionResponse,
        server_reflection_request::MessageRequest::{
            self, AllExtensionNumbersOfType, FileByFilename, FileContainingExtension, FileContainingSymbol,
            ListServices,
        },
        server_reflection_response::MessageResponse::{
            self, AllExtensionNumbersResponse, ErrorResponse, FileDescriptorResponse, ListServicesResponse,
        },
    },
};

const VERSIONS: [&str; 2] = ["v1", "v1alpha"];

fn path(version: &str) -> String {
    format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
}

fn asking(question: MessageRequest) -> Vec<u8> {
    let asked = ServerReflectionRequest {
        host: "here".to_owned(),
        message_request: Some(question),
    };
    asked.encode_to_vec()
}

async fn told(stream: &mut Stream) -> MessageResponse {
    let message = stream.next().await.unwrap();
    let answer = ServerReflectionResponse::decode(&message[..]).unwrap();
    assert_eq!(answer.valid_host, "here");
    answer.message_response.unwrap()
}

async fn ask(stream: &mut Stream, question: MessageRequest) -> MessageResponse {
    stream.send(&asking(question), false);
    told(stream).await
}

fn file(answer: MessageResponse) -> FileDescriptorProto {
    let FileDescriptorResponse(files) = answer else {
        panic!("{answer:?}")
    };
    FileDescriptorProto::decode(&files.file_descriptor_proto[0][..]).unwrap()
}

#[tokio::test]
async fn nobody_is_told_unless_the_operator_wants_it() {
    let app = TestApp::start().await;
    let client = connect(&app.base).await;
    for version in VERSIONS {
        let first = frame(&asking(ListServices(String::new())));
        let refused = Stream::open(&client, &path(version), &[], (first, true)).await;
        assert_eq!(refused.head["grpc-status"], "12");
    }
}

#[tokio::test]
async fn a_tool_learns_all_it_needs_to_call_a_service() {
    let app = TestApp::start_with(|config| config.grpc_reflection = true).await;
    let client = connect(&app.base).await;
    for version in VERSIONS {
        let first = frame(&asking(ListServices(String::new())));
        let mut stream = Stream::open(&client, &path(version), &[], (first, false)).await;
        let ListServicesResponse(listed) = told(&mut stream).await else {
            panic!("no list")
        };
        let names: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
        let known = [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            AUTH,
        ];
        assert_eq!(names, known);

        let begun = file(ask(&mut stream, FileContainingSymbol(AUTH.to_owned())).await);
        let mut wanted: BTreeSet<String> = begun.dependency.iter().cloned().collect();
        let mut files = BTreeMap::from([(begun.name().to_owned(), begun)]);
        while let Some(name) = wanted.pop_first() {
            let next = file(ask(&mut stream, FileByFilename(name.clone())).await);
            let more = next.dependency.iter().filter(|name| !files.contains_key(*name));
            wanted.extend(more.cloned());
            files.insert(name, next);
        }
        let file = files.into_values().collect();
        let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file }).unwrap();
        let service = pool.get_service_by_name(AUTH).unwrap();
        assert!(service.methods().any(|method| method.name() == "VerifyMyEmail"));

        for symbol in [
            "zitadel.auth.v1.AuthService.VerifyMyEmail",
            "zitadel.auth.v1.VerifyMyEmailRequest",
            "grpc.health.v1.HealthCheckResponse.ServingStatus",
        ] {
            file_of(&mut stream, symbol).await;
        }
        stream.send(&[], true);
        told_nothing(stream).await;
    }
}

async fn file_of(stream: &mut Stream, symbol: &str) {
    let found = file(ask(stream, FileContainingSymbol(symbol.to_owned())).await);
    assert!(symbol.starts_with(found.package()), "{symbol} in {}", found.name());
}

/// A question that asks nothing is answered as what there is not, and then the call is over.
async fn told_nothing(mut stream: Stream) {
    let message = stream.next().await.unwrap();
    let answer = ServerReflectionResponse::decode(&message[..]).unwrap();
    let Some(ErrorResponse(error)) = answer.message_response else {
        panic!("{answer:?}")
    };
    assert_eq!(error.error_code, 5);
    assert_eq!(stream.end().await, "0");
}

#[tokio::test]
async fn what_there_is_not_is_said_and_what_is_no_question_ends_the_call() {
    let app = TestApp::start_with(|config| config.grpc_reflection = true).await;
    let client = connect(&app.base).await;
    let first = frame(&asking(FileByFilename("../../etc/passwd".to_owned())));
    let mut stream = Stream::open(&client, &path("v1"), &[], (first, false)).await;
    let absent = |answer: MessageResponse| matches!(answer, ErrorResponse(error) if error.error_code == 5);
    assert!(absent(told(&mut stream).await));
    assert!(absent(
        ask(&mut stream, FileContainingSymbol("zitadel.Nothing".to_owned())).await
    ));
    assert!(absent(
        ask(&mut stream, AllExtensionNumbersOfType("Nothing".to_owned())).await
    ));
    assert!(absent(
        ask(&mut stream, FileContainingExtension(ExtensionRequest::default())).await
    ));
    let name = "zitadel.auth.v1.VerifyMyEmailRequest".to_owned();
    let AllExtensionNumbersResponse(none) = ask(&mut stream, AllExtensionNumbersOfType(name)).await else {
        panic!("a message that there is")
    };
    assert_eq!(none.extension_number, [0; 0]);
    stream.send(b"\xff\xff\xff", false);
    assert_eq!(stream.end().await, "3");

    let other = Stream::open(
        &client,
        "/grpc.reflection.v1.ServerReflection/Other",
        &[],
        (vec![], true),
    )
    .await;
    assert_eq!(other.head["grpc-status"], "12");
}
