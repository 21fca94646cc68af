//! Paths, methods, queries and tenants that do not exist.

use super::{MESSAGES, USERS, check, check_field, dressed, fields, totals};
use crate::support::TestApp;
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn an_unknown_path_is_not_found_in_the_dialect_of_its_group() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let paths = [
        "/nope",
        "/apis",
        "/apis/console",
        "/apis/console/v1alpha1/nope",
        "/apis/console/v1alpha2/users",
        "/auth/v1/nope",
        "/auth/v1/users/me/nope",
        "/v1/nope",
        "/v1/register/nope",
        "/V1/login",
        "/v1//login",
        "/v1/./nope",
        "/problems/nope",
        "/openapi/nope.json",
        "/openapi/..%2F..%2FCargo.toml",
        "/console/assets/nope.js",
        "/swagger-ui/nope.js",
        "/.env",
        "/robots.txt",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST] {
            let reply = owner.send(owner.request(method.clone(), path)).await;
            // A file that is only read has no other method, wherever it is.
            if method == Method::POST && reply.status == 405 {
                continue;
            }
            check(&format!("{method} {path}"), &reply, 404, "not_found");
            let is_rpc = path.starts_with("/v1/") || path.starts_with("/auth/v1/");
            assert_eq!(reply.header("content-type") == "application/json", is_rpc, "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_method_is_told_the_ones_there_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mut paths = BTreeMap::<String, BTreeSet<String>>::new();
    for document in tenantry::groups::documents() {
        for (path, operations) in document.json["paths"].as_object().unwrap() {
            let methods = operations
                .as_object()
                .unwrap()
                .keys()
                .map(|method| method.to_ascii_uppercase());
            paths.insert(path.replace("{name}", "ada"), methods.collect());
        }
    }
    for path in [
        "/openapi/auth.v1.json",
        "/problems/invalid",
        "/swagger-ui/",
        "/healthz",
        "/readyz",
        "/",
    ] {
        paths.insert(path.to_owned(), BTreeSet::from(["GET".to_owned()]));
    }
    let mut wrong = vec![];
    for (path, known) in &paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            // API gateways ask with whatever method their client sent.
            if known.contains(method) || path == "/v1/identity/resolve" {
                continue;
            }
            let row = format!("{method} {path}");
            let reply = owner.send(owner.request(method.parse().unwrap(), path)).await;
            let allow: Vec<_> = reply
                .header("allow")
                .split(',')
                .map(|method| method.trim().to_owned())
                .collect();
            let once: BTreeSet<_> = allow.iter().filter(|method| *method != "HEAD").cloned().collect();
            let repeats = allow.iter().collect::<BTreeSet<_>>().len() != allow.len();
            if reply.status != 405 || once != *known || repeats {
                wrong.push(format!(
                    "{row}: {} with Allow: {:?}, not {known:?}",
                    reply.status,
                    reply.header("allow")
                ));
            } else if ["/.well-known/", "/oauth2/"]
                .iter()
                .any(|protocol| path.starts_with(protocol))
            {
                // The protocol has words of its own.
                assert_eq!(reply.json()["error"], "invalid_request", "{row}");
                dressed(&row, &reply);
            } else {
                check(&row, &reply, 405, "method_not_allowed");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_name_in_a_path_is_read_as_one_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let names = [
        "%FF",
        "%C3%28",
        "%00",
        "ada%00",
        "%2F",
        "a%2Fb",
        "..%2Fusers",
        "%2E%2E",
        "%2e",
        "%0d%0aSet-Cookie:%20a=b",
        "%20",
        "%",
        "%zz",
        "admin%20",
        "admin%00",
        "ａdmin",
        "admin;x=1",
        "admin%3Bx",
        "%E2%80%AEadmin",
        "~",
        "me",
        "%2D",
    ];
    let long = "a".repeat(4_000);
    for name in names.into_iter().chain([long.as_str()]) {
        for list in [USERS, MESSAGES] {
            let path = format!("{list}/{name}");
            let reply = owner.get(&path).await;
            let shown: String = path.chars().take(80).collect();
            let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
            let expected = [
                (400, "invalid"),
                (400, "bad_request"),
                (404, "not_found"),
                (404, "user_not_found"),
            ];
            let known = expected
                .iter()
                .find(|(status, known)| reply.status == *status && code == *known);
            let (status, code) = known.unwrap_or_else(|| panic!("{shown}: {} {}", reply.status, reply.text));
            check(&shown, &reply, *status, code);
            if *code == "invalid" {
                assert_eq!(fields(&reply), ["name"], "{shown}: {}", reply.text);
            }
            assert!(reply.headers.get("set-cookie").is_none(), "{shown}");
        }
    }
    owner.get(&format!("{USERS}/admin")).await.expect(200);
    owner.get(&format!("{USERS}/%61dmin")).await.expect(200);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_by_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let huge = "9".repeat(400);
    let values = [
        "abc",
        "-1",
        "1.5",
        "1e3",
        "0x10",
        "%201",
        "1%20",
        "+",
        "%00",
        "٣",
        "4294967296",
        &huge,
        "1,2",
        "NaN",
    ];
    for list in [USERS, MESSAGES] {
        for (name, extra) in [
            ("page", "1000001"),
            ("size", "201"),
            ("size", "1000000"),
            ("page", "4294967295"),
            ("page", "502"),
        ] {
            for value in values.into_iter().chain([extra]) {
                let reply = owner.get(&format!("{list}?{name}={value}")).await;
                check_field(&format!("{list}?{name}={value}"), &reply, name);
            }
        }
        for fine in [
            "page=0&size=0",
            "page=1&size=200",
            "page=51&size=200",
            "page=10001&size=1",
            "",
            "&&=&",
        ] {
            let reply = owner.get(&format!("{list}?{fine}")).await;
            assert_eq!(reply.status, 200, "{list}?{fine}: {}", reply.text);
        }
    }
    let reply = owner.get(&format!("{USERS}?unknown=1")).await;
    check_field("a parameter that there is not", &reply, "unknown");
    let long = "a".repeat(201);
    let reply = owner.get(&format!("{USERS}?keyword={long}")).await;
    check_field("a keyword of 201 characters", &reply, "keyword");
    owner.get(&format!("{USERS}?keyword={}", &long[1..])).await.expect(200);
}

#[tokio::test]
async fn an_address_of_no_tenant_answers_nothing_else() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let long = "a".repeat(5_000);
    let names = [
        "nobody", "", "ACME%20", "acme%20", "acme%2F", "%61cme", "..", "%2E%2E", "%FF", "%00", "acme.", "a'--", &long,
    ];
    for name in names {
        for path in [
            "/v1/login",
            "/apis/console/v1alpha1/users",
            "/auth/v1/users/me",
            "/console/",
            "/openapi/auth.v1.json",
        ] {
            // A client would take `..` out of the path before it is sent.
            if name == ".." || name == "%2E%2E" {
                continue;
            }
            let reply = owner.get(&format!("/t/{name}{path}")).await;
            let shown: String = name.chars().take(20).collect();
            check(&format!("/t/{shown}{path}"), &reply, 404, "tenant_not_found");
        }
    }
    let anybody = owner.tenant.anybody();
    let by_host = anybody
        .request(Method::GET, "/v1/login")
        .header("host", "nobody.127.0.0.1:1");
    check(
        "a host of no tenant",
        &anybody.send(by_host).await,
        404,
        "tenant_not_found",
    );
    assert_eq!(totals(&owner).await, before);
    let there = anybody.get("/t/acme/apis/console/v1alpha1/tenant").await;
    assert_eq!(
        (there.status.as_u16(), &there.json()["name"]),
        (200, &"acme".into()),
        "the control"
    );
    dressed("the control", &there);
}

#[tokio::test]
async fn a_request_is_for_one_host_and_the_target_names_it_before_the_header() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let tenant = app.default_tenant();
    let host = tenant.base.trim_start_matches("http://");
    let of = async |target: &str, version: &str, headers: &[&str]| {
        let mut stream = TcpStream::connect(host).await.unwrap();
        let headers = [headers, &["connection: close"]].concat().join("\r\n");
        let request = format!("GET {target} HTTP/{version}\r\n{headers}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let said = answer.rsplit("\r\n\r\n").next().unwrap();
        let said: serde_json::Value = serde_json::from_str(said).unwrap_or_default();
        let what = said["name"].as_str().or(said["code"].as_str()).unwrap_or_default();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        format!("{status} {what}")
    };
    let path = "/apis/console/v1alpha1/tenant";
    let (default, acme) = (format!("Host: {host}"), format!("Host: acme.{host}"));
    assert_eq!(of(path, "1.1", &[&acme]).await, "200 acme", "the control");
    assert_eq!(of(path, "1.1", &[&default]).await, "200 default");
    assert_eq!(of(path, "1.0", &[]).await, "200 default");
    assert_eq!(of(path, "1.1", &["Host: eve.test"]).await, "200 default");
    assert_eq!(of(path, "1.1", &[&default, &acme]).await, "400 bad_request");
    assert_eq!(of(path, "1.1", &[&acme, "hOST: eve.test"]).await, "400 bad_request");
    assert_eq!(of(path, "1.1", &[&acme, &acme]).await, "400 bad_request");
    let absolute = format!("http://acme.{host}{path}");
    assert_eq!(of(&absolute, "1.1", &[&default]).await, "200 acme");
    let absolute = format!("http://{host}/t/acme{path}");
    assert_eq!(of(&absolute, "1.1", &["Host: eve.test"]).await, "200 acme");
    let nobody = format!("http://nobody.{host}{path}");
    assert_eq!(of(&nobody, "1.1", &[&acme]).await, "404 tenant_not_found");
}
