//! A server of an application: it keeps the logout tokens that come, and answers as it is told to.

use poem::{EndpointExt, Response, Route, Server, handler, http::StatusCode, listener::TcpAcceptor, post, web::Data};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

#[derive(Default)]
struct State {
    came: Vec<String>,
    answers: VecDeque<(u16, &'static str)>,
}

type Shared = Arc<Mutex<State>>;

/// A running server.
pub(crate) struct Receiver {
    /// Where logout tokens go.
    pub(crate) uri: String,
    state: Shared,
}

impl Receiver {
    /// Starts a server on a free port of this machine.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}/logout", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let state = Shared::default();
        let routes = Route::new().at("/*path", post(receive)).data(state.clone());
        let acceptor = TcpAcceptor::from_std(listener).unwrap();
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        Self { uri, state }
    }

    /// Lets the next requests be answered so, each with a status and a body; the others with 200.
    pub(crate) fn answer(&self, answers: &[(u16, &'static str)]) {
        self.state.lock().unwrap().answers.extend(answers);
    }

    /// The logout tokens that came, and forgets them.
    #[track_caller]
    pub(crate) fn take(&self) -> Vec<String> {
        let came = std::mem::take(&mut self.state.lock().unwrap().came);
        let token = |form: &String| {
            let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            assert_eq!(pairs.len(), 1, "{form}");
            assert_eq!(pairs[0].0, "logout_token");
            pairs[0].1.clone()
        };
        came.iter().map(token).collect()
    }
}

#[handler]
fn receive(request: &poem::Request, form: String, Data(state): Data<&Shared>) -> Response {
    assert_eq!(request.uri().path(), "/logout");
    assert_eq!(request.content_type(), Some("application/x-www-form-urlencoded"));
    let mut state = state.lock().unwrap();
    state.came.push(form);
    let (status, body) = state.answers.pop_front().unwrap_or((200, ""));
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("location", "/elsewhere")
        .body(body)
}
