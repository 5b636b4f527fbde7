//! Where the wrapped key lies: in IndexedDB, sealed once more with a key that no script can read out, so that a copy of the files is
//! not enough.

use crate::host::HostError;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Database and store, and the two things in it. Never renamed: a key that is not found is a key that is lost.
const DATABASE: &str = "chengxu";
const STORE: &str = "vault";
const SEAL: &str = "seal";
const WRAPPED: &str = "wrapped";
const CIPHER: &str = "AES-GCM";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = indexedDB, catch)]
    fn open(name: &str, version: u32) -> Result<Request, JsValue>;
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = generateKey, catch)]
    async fn generate_key(kind: &Object, readable: bool, uses: &Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    async fn encrypt(kind: &Object, key: &JsValue, data: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    async fn decrypt(kind: &Object, key: &JsValue, data: &JsValue) -> Result<JsValue, JsValue>;

    #[derive(Clone)]
    type Request;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Request) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn error(this: &Request) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_onsuccess(this: &Request, call: &Function);
    #[wasm_bindgen(method, setter)]
    fn set_onerror(this: &Request, call: &Function);
    #[wasm_bindgen(method, setter)]
    fn set_onupgradeneeded(this: &Request, call: &Function);

    type Database;
    #[wasm_bindgen(method, js_name = createObjectStore)]
    fn create_store(this: &Database, name: &str);
    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        how: &Object,
    ) -> Result<Transaction, JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Database);

    type Transaction;
    #[wasm_bindgen(method, js_name = objectStore, catch)]
    fn store(this: &Transaction, name: &str) -> Result<Store, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn error(this: &Transaction) -> JsValue;
    #[wasm_bindgen(method, setter)]
    fn set_oncomplete(this: &Transaction, call: &Function);
    #[wasm_bindgen(method, setter)]
    fn set_onabort(this: &Transaction, call: &Function);

    type Store;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Store, key: &str) -> Result<Request, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Store, value: &JsValue, key: &str) -> Result<Request, JsValue>;
}

pub(super) async fn load() -> Result<Option<Vec<u8>>, HostError> {
    opened().await.map_err(|error| storage(&error))
}

pub(super) async fn save(bytes: &[u8]) -> Result<(), HostError> {
    sealed(bytes).await.map_err(|error| storage(&error))
}

fn storage(error: &JsValue) -> HostError {
    HostError::Storage(super::said(error))
}

async fn opened() -> Result<Option<Vec<u8>>, JsValue> {
    let database = database().await?;
    let found = both(&database).await;
    database.close();
    let (seal, wrapped) = found?;
    if wrapped.is_undefined() {
        return Ok(None);
    }
    if seal.is_undefined() {
        return Err(super::js("the vault has lost its seal"));
    }
    let kind = object(&[
        ("name", CIPHER.into()),
        ("iv", Reflect::get(&wrapped, &"iv".into())?),
    ])?;
    let data = Reflect::get(&wrapped, &"data".into())?;
    let plain = decrypt(&kind, &seal, &data).await?;
    Ok(Some(Uint8Array::new(&plain).to_vec()))
}

async fn sealed(bytes: &[u8]) -> Result<(), JsValue> {
    let database = database().await?;
    let done = replace(&database, bytes).await;
    database.close();
    done
}

async fn replace(database: &Database, bytes: &[u8]) -> Result<(), JsValue> {
    let (seal, _) = both(database).await?;
    let seal = if seal.is_undefined() {
        let kind = object(&[("name", CIPHER.into()), ("length", 256.into())])?;
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        generate_key(&kind, false, &uses).await?
    } else {
        seal
    };
    let mut iv = [0; 12];
    super::random(&mut iv);
    let iv = JsValue::from(Uint8Array::from(&iv[..]));
    let kind = object(&[("name", CIPHER.into()), ("iv", iv.clone())])?;
    let data = encrypt(&kind, &seal, &Uint8Array::from(bytes)).await?;
    let transaction = begin(database, "readwrite")?;
    let store = transaction.store(STORE)?;
    store.put(&seal, SEAL)?;
    let wrapped = object(&[("iv", iv), ("data", data)])?;
    store.put(&wrapped, WRAPPED)?;
    let ended = Promise::new(&mut |good, bad| {
        transaction.set_oncomplete(&good);
        transaction.set_onabort(&bad);
    });
    let ended = JsFuture::from(ended).await;
    ended.map(drop).map_err(|_| transaction.error())
}

async fn database() -> Result<Database, JsValue> {
    let opening = open(DATABASE, 1)?;
    let request = opening.clone();
    let first = Closure::once_into_js(move || {
        request
            .result()
            .unchecked_into::<Database>()
            .create_store(STORE);
    });
    opening.set_onupgradeneeded(first.unchecked_ref());
    Ok(done(&opening).await?.unchecked_into())
}

/// The sealing key and what it sealed; each undefined if there is none.
async fn both(database: &Database) -> Result<(JsValue, JsValue), JsValue> {
    let store = begin(database, "readonly")?.store(STORE)?;
    let (seal, wrapped) = (store.get(SEAL)?, store.get(WRAPPED)?);
    Ok((done(&seal).await?, done(&wrapped).await?))
}

/// A transaction that is on the disk when it is complete.
fn begin(database: &Database, mode: &str) -> Result<Transaction, JsValue> {
    database.transaction(STORE, mode, &object(&[("durability", "strict".into())])?)
}

async fn done(request: &Request) -> Result<JsValue, JsValue> {
    let ended = Promise::new(&mut |good, bad| {
        request.set_onsuccess(&good);
        request.set_onerror(&bad);
    });
    match JsFuture::from(ended).await {
        Ok(_) => Ok(request.result()),
        Err(_) => Err(request.error()),
    }
}

fn object(entries: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in entries {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}
