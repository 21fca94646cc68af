//! Answers as `{success, message, data}`, errors included.

use crate::{
    groups::dialect::{Dialect, refusal},
    kit::{
        error::{Code, Error},
        headers,
        openapi::Coded,
        text::Language,
    },
};
use poem::{Response, http::StatusCode};
use poem_openapi::{Object, payload::Json};
use serde_json::json;

refusal!(Done: "4XX" "Too many requests, or one that no rule looked at.", "5XX" "The server failed or is busy.");

/// Whether it was done. What the rules refuse is a 200 as well, with `success: false`.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Done {
    /// Whether it was done.
    success: bool,
    /// Empty, or why not, to be shown to people.
    message: String,
    /// Why not, for programs to branch on.
    code: Option<String>,
}

impl Done {
    pub(super) fn json() -> Json<Self> {
        Json(Self {
            success: true,
            message: String::new(),
            code: None,
        })
    }
}

/// The dialect of the verification group.
pub(crate) struct Envelope;

impl Dialect for Envelope {
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        unwrap_refusal(error)
    }

    fn render(&self, error: &Error, language: Option<Language>) -> Response {
        let language = language.unwrap_or(Language::Chinese);
        let message = match language {
            Language::English => error.message(),
            Language::Chinese => chinese(error),
        };
        let body = json!({ "success": false, "message": message, "code": error.code().as_str() });
        let mut response = error.respond("application/json", body.to_string());
        headers::set_content_language(response.headers_mut(), language.tag());
        response.set_status(status(error.code()));
        response
    }
}

/// The status that a code comes with: of what the rules refuse it is 200.
fn status(code: Code) -> StatusCode {
    let is_of_a_rule = matches!(code.status(), StatusCode::BAD_REQUEST | StatusCode::CONFLICT);
    // What no rule looked at, and what is of a header that the clients of old do not send, whatever the operation.
    let is_of_none = matches!(code, Code::BadRequest | Code::RequestRunning | Code::AnswerLost);
    match is_of_a_rule && !is_of_none || code == Code::SignUpClosed {
        true => StatusCode::OK,
        false => code.status(),
    }
}

/// A code with the status it comes with.
pub(crate) fn coded(code: &str) -> Option<Coded> {
    let known = Code::ALL.iter().find(|known| known.as_str() == code)?;
    Some((status(*known).as_u16(), code.to_owned()))
}

/// What the clients of this group have always shown.
fn chinese(error: &Error) -> String {
    if let Error::Limited { retry_after, .. } | Error::Later { retry_after, .. } = error {
        return format!("请求过于频繁，请等待 {retry_after} 秒后再试");
    }
    match error.code() {
        Code::Invalid | Code::Malformed | Code::BadRequest => "无效的参数",
        Code::CodeInvalid => "重置链接非法或已过期",
        Code::EmailAlreadyVerified => "该邮箱地址已验证",
        Code::EmailTaken => "邮箱地址已被占用",
        Code::EmailDomainRefused => "管理员启用了邮箱域名限制，您的邮箱地址的域名不被接受",
        Code::CaptchaRequired => "Turnstile token 为空",
        Code::CaptchaFailed => "Turnstile 校验失败，请刷新重试！",
        Code::SignUpClosed => "管理员关闭了新用户注册",
        Code::TenantSuspended => "该系统已停用",
        Code::CrossSite => "请在页面中操作",
        code @ (Code::IdempotencyKeyReused | Code::RequestRunning | Code::AnswerLost) => {
            code.words(Language::Chinese).1
        }
        _ => "请求失败，请稍后再试",
    }
    .to_owned()
}
