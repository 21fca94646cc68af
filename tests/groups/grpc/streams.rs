//! Calls that are answered by messages as they come: `grpc.health.v1.Health/Watch`.

use super::{AUTH, connect, frame};
use crate::support::{TestApp, client, database::Database, program::Program};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use h2::{RecvStream, SendStream, client::SendRequest};
use poem::http::{HeaderMap, Request};
use tenantry_proto::{
    Message,
    grpc::health::v1::{
        HealthCheckRequest, HealthCheckResponse,
        health_check_response::ServingStatus::{self, NotServing, ServiceUnknown, Serving},
    },
};

const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// A call that goes on.
pub(super) struct Stream {
    pub(super) head: HeaderMap,
    out: SendStream<Bytes>,
    body: RecvStream,
    /// What has come of the next message.
    bytes: Vec<u8>,
}

impl Stream {
    /// Begins one with these bytes, which may be all there are.
    pub(super) async fn open(
        client: &SendRequest<Bytes>,
        path: &str,
        headers: &[(&str, &str)],
        (first, is_all): (Vec<u8>, bool),
    ) -> Self {
        let mut client = client.clone().ready().await.unwrap();
        let mut request = Request::post(format!("http://127.0.0.1{path}"))
            .header("te", "trailers")
            .header("content-type", "application/grpc");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (response, mut out) = client.send_request(request.body(()).unwrap(), false).unwrap();
        out.send_data(first.into(), is_all).unwrap();
        let (head, body) = response.await.unwrap().into_parts();
        Self {
            head: head.headers,
            out,
            body,
            bytes: vec![],
        }
    }

    /// Sends one more message.
    pub(super) fn send(&mut self, message: &[u8], is_last: bool) {
        self.out.send_data(frame(message).into(), is_last).unwrap();
    }

    /// The next message that comes.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(([_, a, b, c, d], rest)) = self.bytes.split_first_chunk::<5>() {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                if let Some(message) = rest.get(..length).map(<[u8]>::to_vec) {
                    self.bytes.drain(..5 + length);
                    return Some(message);
                }
            }
            let chunk = self.body.data().await?.unwrap();
            self.body.flow_control().release_capacity(chunk.len()).unwrap();
            self.bytes.extend(chunk);
        }
    }

    /// The status in trailers, if nothing more comes.
    pub(super) async fn end(mut self) -> String {
        assert_eq!(self.next().await, None);
        let trailers = self.body.trailers().await.unwrap().unwrap();
        trailers["grpc-status"].to_str().unwrap().to_owned()
    }
}

async fn watch(client: &SendRequest<Bytes>, service: &str, headers: &[(&str, &str)]) -> Stream {
    let service = service.to_owned();
    let asked = frame(&HealthCheckRequest { service }.encode_to_vec());
    Stream::open(client, WATCH, headers, (asked, true)).await
}

async fn told(stream: &mut Stream) -> ServingStatus {
    let message = stream.next().await.unwrap();
    HealthCheckResponse::decode(&message[..]).unwrap().status()
}

#[tokio::test]
async fn whoever_watches_is_told_how_the_server_is_and_when_that_changes() {
    let app = TestApp::start().await;
    let client = connect(&app.base).await;
    let (mut all, mut service) = (watch(&client, "", &[]).await, watch(&client, AUTH, &[]).await);
    let mut unknown = watch(&client, "zitadel.admin.v1.AdminService", &[]).await;
    assert_eq!(told(&mut all).await, Serving);
    assert_eq!(told(&mut service).await, Serving);
    assert_eq!(told(&mut unknown).await, ServiceUnknown);

    app.app.close().await;
    assert_eq!(told(&mut all).await, NotServing);
    assert_eq!(told(&mut service).await, NotServing);
    app.app.stop();
    for stream in [all, service, unknown] {
        assert_eq!(
            stream.end().await,
            "14",
            "a server that stops waits for nobody who only watches"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_says_so_at_once() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let client = connect(&program.base).await;
    let mut stream = watch(&client, "", &[]).await;
    assert_eq!(told(&mut stream).await, Serving);
    let ended = tokio::task::spawn_blocking(|| program.terminate());
    assert_eq!(told(&mut stream).await, NotServing);
    assert_eq!(stream.end().await, "14");
    let (ended_well, log) = ended.await.unwrap();
    assert!(ended_well, "{log}");
    assert_eq!(database.end(), 0);
}

#[tokio::test]
async fn who_says_how_long_they_watch_is_let_go_then() {
    let app = TestApp::start().await;
    let client = connect(&app.base).await;
    let mut stream = watch(&client, "", &[("grpc-timeout", "300m")]).await;
    assert_eq!(told(&mut stream).await, Serving);
    assert_eq!(stream.end().await, "4");
    let wrong = watch(&client, "", &[("grpc-timeout", "soon")]).await;
    assert_eq!(wrong.head["grpc-status"], "3");
}

#[tokio::test]
async fn sixty_four_may_watch_a_server() {
    let app = TestApp::start().await;
    let client = connect(&app.base).await;
    let mut streams = vec![];
    for _ in 0..64 {
        let mut stream = watch(&client, "", &[]).await;
        assert_eq!(told(&mut stream).await, Serving);
        streams.push(stream);
    }
    let turned_away = watch(&client, "", &[]).await;
    assert_eq!(turned_away.head["grpc-status"], "14");
    streams.pop();
    // The server has to hear of it first.
    loop {
        let mut stream = watch(&client, "", &[]).await;
        if !stream.head.contains_key("grpc-status") {
            assert_eq!(told(&mut stream).await, Serving);
            break;
        }
    }
}

#[tokio::test]
async fn a_browser_watches_by_pieces_of_base64() {
    let app = TestApp::start().await;
    let asked = frame(&HealthCheckRequest::default().encode_to_vec());
    let request = client()
        .post(format!("{}{WATCH}", app.base))
        .header("content-type", "application/grpc-web-text")
        .body(BASE64_STANDARD.encode(asked));
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/grpc-web-text");
    // Each piece may have its padding.
    let decode = |text: &[u8]| -> Vec<u8> {
        let fours = text.chunks(4);
        fours.flat_map(|four| BASE64_STANDARD.decode(four).unwrap()).collect()
    };
    let first = decode(&answer.chunk().await.unwrap().unwrap());
    let serving = HealthCheckResponse { status: Serving.into() };
    assert_eq!(first, frame(&serving.encode_to_vec()));
    app.app.stop();
    let mut rest = vec![];
    while let Some(piece) = answer.chunk().await.unwrap() {
        rest.extend(piece);
    }
    let rest = decode(&rest);
    let text = String::from_utf8_lossy(&rest);
    assert!(text.contains("grpc-status: 14\r\n"), "{text}");
}
