//! A real nginx in front of an application, as the documentation configures it.

use crate::support::{Person, TestApp, client, free_port};
use poem::{EndpointExt, IntoResponse, Request};
use std::process::{Child, Command, Stdio};

const CONFIG: &str = include_str!("../../../docs/gateways/nginx.conf");

/// A running nginx; it ends when it is dropped.
struct Nginx {
    child: Child,
    base: String,
    _directory: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An application that says which headers reached it.
async fn application() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let acceptor = poem::listener::TcpAcceptor::from_std(listener).unwrap();
    let echo = poem::endpoint::make_sync(|request: Request| {
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
            .collect();
        headers.join("\n").into_response()
    });
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(echo.map_to_response()));
    address.to_string()
}

async fn start(app: &TestApp) -> Nginx {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let server = app.base.strip_prefix("http://").unwrap();
    let config = CONFIG
        .replace("127.0.0.1:8000", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:9000", &application().await)
        .replace("127.0.0.1:8080", server);
    // What a distribution's own main file says, for a directory of the test's own.
    let here = directory.path().display();
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {here}/{kind};\n"))
        .collect::<Vec<_>>()
        .concat();
    let config = config.replace("http {", &format!("http {{\naccess_log off;\n{paths}"));
    let config = format!("daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log stderr;\n{config}");
    let file = directory.path().join("nginx.conf");
    std::fs::write(&file, config).unwrap();
    let child = Command::new("nginx")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .args(["-p", directory.path().to_str().unwrap(), "-c", file.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx is there: `scripts/setup` installs it");
    let mut nginx = Nginx {
        child,
        base: format!("http://127.0.0.1:{port}"),
        _directory: directory,
    };
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            nginx.child.try_wait().unwrap().is_none(),
            "nginx ended: its configuration is wrong"
        );
        tokio::task::yield_now().await;
    }
    nginx
}

/// What the application says of a request through nginx; `Err` if nginx let nothing through.
async fn get(nginx: &Nginx, person: &Person<'_>, headers: &[(&str, &str)]) -> Result<String, reqwest::Response> {
    let mut request = client().get(format!("{}/orders/7", nginx.base));
    if let Some(token) = person.tokens["accessToken"].as_str() {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    match response.status().as_u16() {
        200 => Ok(response.text().await.unwrap()),
        _ => Err(response),
    }
}

#[tokio::test]
async fn nginx_lets_through_who_is_signed_in_and_says_who_it_is() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let nginx = start(&app).await;

    let seen = get(&nginx, &owner, &[]).await.unwrap();
    let id = owner.tokens["user"]["userId"].as_str().unwrap();
    for expected in [
        format!("x-user-id: {id}"),
        "x-user-name: admin".to_owned(),
        "x-user-email: admin@localhost".to_owned(),
        "x-user-roles: owner,user".to_owned(),
    ] {
        assert!(seen.lines().any(|line| line == expected), "{expected} in {seen}");
    }

    let refused = get(&nginx, &tenant.anybody(), &[]).await.unwrap_err();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn identity_headers_that_a_client_sends_never_reach_the_application() {
    // nginx is trusted with the client's address, and passes on what the client says.
    let app = TestApp::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let nginx = start(&app).await;
    let spoofed = [
        ("X-User-Id", "of evil"),
        ("x-user-name", "of evil"),
        ("X-USER-EMAIL", "of evil"),
        ("X-User-Roles", "of evil"),
        ("X-Tenant-Id", "of evil"),
        ("X-Session-Id", "of evil"),
        ("X_User_Id", "of evil"),
        ("X_User_Roles", "of evil"),
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Original-Method", "OPTIONS"),
    ];

    let seen = get(&nginx, &ada, &spoofed).await.unwrap();
    assert!(!seen.contains("of evil"), "{seen}");
    assert!(seen.lines().any(|line| line == "x-user-name: ada"), "{seen}");
    // The control: another header of the client arrives.
    let seen = get(&nginx, &ada, &[("x-other", "mine")]).await.unwrap();
    assert!(seen.lines().any(|line| line == "x-other: mine"), "{seen}");
    let refused = get(&nginx, &tenant.anybody(), &spoofed).await.unwrap_err();
    assert_eq!(refused.status(), 401);
}
