//! A JSON body, within its limits.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use confab_application::FieldError;
use futures_util::StreamExt as _;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::fault;
use crate::problem::{Code, FieldProblem, Place, Problem};
use crate::settings::Settings;

/// The JSON body of a request.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let settings = request.app_data::<web::Data<Settings>>().ok_or_else(Problem::internal)?;
            check_headers(&request, settings.max_body_bytes)?;
            let reading = read(payload, settings.max_body_bytes);
            let body = tokio::time::timeout(settings.body_timeout, reading).await.map_err(|_| {
                let seconds = settings.body_timeout.as_secs();
                Problem::new(Code::RequestTimeout, format!("the body did not arrive within {seconds} seconds"))
            })??;
            parse(&body).map(Self)
        })
    }
}

fn check_headers(request: &HttpRequest, max: usize) -> Result<(), Problem> {
    let mime = request.mime_type().ok().flatten();
    let is_json = mime.is_some_and(|mime| match mime.essence_str() {
        "application/json" => true,
        // RFC 7396
        "application/merge-patch+json" => request.method() == Method::PATCH,
        _ => false,
    });
    if !is_json {
        return Err(Problem::new(Code::UnsupportedMediaType, "the Content-Type of the body must be application/json"));
    }
    // A compressed body can be a thousand times its size.
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(Code::UnsupportedMediaType, "a body with a Content-Encoding is not accepted"));
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(too_large(max));
    }
    Ok(())
}

async fn read(mut payload: Payload, max: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest, format!("the body broke off: {error}")))?;
        if body.len() + chunk.len() > max {
            return Err(too_large(max));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large(max: usize) -> Problem {
    Problem::new(Code::ContentTooLarge, format!("the body must have at most {max} bytes"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // To serde, a list of its fields in order is a structure too.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => Problem::in_body([FieldError::new("", "wrong_type", "must be a JSON object")]),
            Err(error) => not_json(&error),
        });
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().clone();
        refusal(&path, &error.into_inner())
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(Code::MalformedJson, format!("the body is not JSON: {error}"))
}

fn refusal(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Problem {
    // serde_json ends its messages with the place in the text.
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    match error.classify() {
        Category::Data => Problem::in_body([fault::of_serde(path, message)]),
        Category::Syntax | Category::Eof | Category::Io => {
            let found = fault::of_serde(path, message);
            let named = (!found.field.is_empty())
                .then(|| FieldProblem::new(Place::Body, FieldError { code: "malformed_json", ..found }));
            not_json(error).with_errors(named)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read matters here")]
    struct Sample {
        name: String,
        ids: Option<Vec<u64>>,
    }

    async fn refusal_of(body: &str) -> (u16, serde_json::Value) {
        let response = parse::<Sample>(body.as_bytes()).unwrap_err().error_response();
        let status = response.status().as_u16();
        let bytes = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[actix_web::test]
    async fn every_fault_names_its_field() {
        for (body, status, pointer, code) in [
            (r#"{"name": 5}"#, 422, "/name", "wrong_type"),
            (r#"{"name": null}"#, 422, "/name", "wrong_type"),
            (r#"{"ids": []}"#, 422, "/name", "missing_field"),
            (r#"{"name": "a", "name": "b"}"#, 422, "/name", "duplicate_field"),
            (r#"{"name": "a", "nmae": "b"}"#, 422, "/nmae", "unknown_field"),
            (r#"{"name": "a", "a/b~c": 1}"#, 422, "/a~1b~0c", "unknown_field"),
            (r#"{"name": "a", "a`b at line 1": 1}"#, 422, "/a`b at line 1", "unknown_field"),
            (r#"{"name": "a", "ids": [1, -2]}"#, 422, "/ids/1", "wrong_type"),
            (r#"{"name": "a", "ids": [99999999999999999999999]}"#, 422, "/ids/0", "wrong_type"),
            (r#"{"name": "\ud800"}"#, 400, "/name", "malformed_json"),
            (r#" ["a", null]"#, 422, "", "wrong_type"),
            ("5", 422, "", "wrong_type"),
        ] {
            let (found, problem) = refusal_of(body).await;
            let error = &problem["errors"][0];
            assert_eq!(found, status, "{body}: {problem}");
            assert_eq!(
                (error["pointer"].as_str(), error["code"].as_str()),
                (Some(pointer), Some(code)),
                "{body}: {problem}"
            );
            assert_eq!(error["in"], "body", "{body}");
        }
    }

    #[actix_web::test]
    async fn what_is_not_json_is_400() {
        let deep = "[".repeat(100_000);
        for body in ["", "{", "nul", "{\"name\": \"a\"}x", "{\"name\": \"a\"} {}", "\u{feff}{}", &deep] {
            let (status, problem) = refusal_of(body).await;
            assert_eq!(status, 400, "{body:.20}: {problem}");
        }
        assert_eq!(refusal_of("{\"name\": \"a\"}}").await.1["code"], "malformed_json");
    }
}
