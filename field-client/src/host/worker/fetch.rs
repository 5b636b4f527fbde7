//! Requests to the server, by the browser's `fetch`.

use crate::host::{HostError, Incoming, MAX_ANSWER_BYTES, Outgoing};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, Response, WorkerGlobalScope,
};

/// Answers awaited longer than this count as no network.
const TIMEOUT_MS: u32 = 30_000;

pub(super) async fn exchange(request: Outgoing) -> Result<Incoming, HostError> {
    let network = |error: JsValue| HostError::Network(super::said(&error));
    let answer = ask(&request).await.map_err(network)?;
    let mut headers = HeaderMap::new();
    for pair in answer.headers().entries().into_iter().flatten() {
        let pair: Array = pair.unchecked_into();
        let text = |at| pair.get(at).as_string().unwrap_or_default();
        if let (Ok(name), Ok(value)) = (
            text(0).parse::<HeaderName>(),
            HeaderValue::from_str(&text(1)),
        ) {
            headers.append(name, value);
        }
    }
    Ok(Incoming {
        status: answer.status(),
        headers,
        body: read(&answer).await.map_err(network)?,
    })
}

async fn ask(request: &Outgoing) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    if !request.body.is_empty() {
        init.set_body(&Uint8Array::from(request.body.as_slice()));
    }
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_str_and_init(&request.path, &init)).await?;
    Ok(answer.unchecked_into())
}

/// The body, given up as soon as it is longer than anything our server would say.
async fn read(answer: &Response) -> Result<Vec<u8>, JsValue> {
    let mut out = Vec::new();
    let Some(body) = answer.body() else {
        return Ok(out);
    };
    let reader = ReadableStreamDefaultReader::new(&body)?;
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &"done".into())?.is_truthy() {
            return Ok(out);
        }
        let bytes: Uint8Array = Reflect::get(&part, &"value".into())?.unchecked_into();
        if out.len() + bytes.length() as usize > MAX_ANSWER_BYTES {
            // Nobody waits for the end of what nobody reads.
            let _ = reader.cancel();
            return Err(super::js("answer too long"));
        }
        out.extend(bytes.to_vec());
    }
}
