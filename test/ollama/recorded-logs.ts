/** Logs as the three generations of Ollama write them; paths and ids are invented. */

const origins =
  'OLLAMA_ORIGINS:[http://localhost https://localhost http://localhost:* https://127.0.0.1:* app://* file://* vscode-file://*]'
const blob = 'sha256-7f4030143c1c477224c5434f8272c662a8b042079a0a584f0a27a1684fe2e1fa'

/** 0.11.3 on an M1 Pro: a runner with flags. */
export const metalRunner = `time=2025-08-06T10:00:00.100+08:00 level=INFO source=routes.go:1297 msg="server config" env="map[HTTPS_PROXY:http://user:pass@proxy.example:8080 HTTP_PROXY: NO_PROXY: OLLAMA_CONTEXT_LENGTH:4096 OLLAMA_DEBUG:INFO OLLAMA_FLASH_ATTENTION:false OLLAMA_GPU_OVERHEAD:0 OLLAMA_HOST:http://127.0.0.1:11434 OLLAMA_KEEP_ALIVE:5m0s OLLAMA_KV_CACHE_TYPE: OLLAMA_LLM_LIBRARY: OLLAMA_LOAD_TIMEOUT:5m0s OLLAMA_MAX_LOADED_MODELS:2 OLLAMA_MAX_QUEUE:10 OLLAMA_MODELS:/Users/someone/.ollama/models OLLAMA_MULTIUSER_CACHE:false OLLAMA_NEW_ENGINE:false OLLAMA_NOHISTORY:false OLLAMA_NOPRUNE:true OLLAMA_NUM_PARALLEL:4 ${origins} OLLAMA_SCHED_SPREAD:false http_proxy: https_proxy: no_proxy:]"
time=2025-08-06T10:00:00.104+08:00 level=INFO source=images.go:477 msg="total blobs: 6"
time=2025-08-06T10:00:00.105+08:00 level=INFO source=routes.go:1350 msg="Listening on 127.0.0.1:11434 (version 0.11.3)"
time=2025-08-06T10:00:00.140+08:00 level=INFO source=types.go:130 msg="inference compute" id=0 library=metal variant="" compute="" driver=0.0 name="" total="21.3 GiB" available="21.3 GiB"
time=2025-08-06T10:00:05.001+08:00 level=INFO source=server.go:175 msg=offload library=metal layers.requested=-1 layers.model=29 layers.offload=29 layers.split="" memory.available="[21.3 GiB]"
time=2025-08-06T10:00:05.100+08:00 level=INFO source=server.go:438 msg="starting llama server" cmd="/Applications/Ollama.app/Contents/Resources/ollama runner --ollama-engine --model /Users/someone/.ollama/models/blobs/${blob} --ctx-size 16384 --batch-size 512 --n-gpu-layers 29 --threads 6 --parallel 4 --port 51515"
time=2025-08-06T10:00:05.101+08:00 level=INFO source=sched.go:481 msg="loaded runners" count=1
time=2025-08-06T10:00:05.900+08:00 level=INFO source=ggml.go:378 msg="offloaded 29/29 layers to GPU"
time=2025-08-06T10:00:06.362+08:00 level=INFO source=server.go:637 msg="llama runner started in 1.26 seconds"
[GIN] 2025/08/06 - 10:00:07 | 200 |  398.1ms |       127.0.0.1 | POST     "/api/chat"
`

/** 0.17 in a container on a CPU: the parameters are in the load request, and lines have a prefix. */
export const cpuRunner = `ollama-1  | time=2026-02-28T09:13:30.000Z level=INFO source=routes.go:1663 msg="server config" env="map[CUDA_VISIBLE_DEVICES: OLLAMA_CONTEXT_LENGTH:0 OLLAMA_HOST:http://0.0.0.0:11434 OLLAMA_MODELS:/root/.ollama/models OLLAMA_NUM_PARALLEL:2 ${origins} OLLAMA_VULKAN:false]"
ollama-1  | time=2026-02-28T09:13:30.010Z level=INFO source=routes.go:1715 msg="Listening on [::]:11434 (version 0.17.4)"
ollama-1  | time=2026-02-28T09:13:30.100Z level=INFO source=types.go:60 msg="inference compute" id=cpu library=cpu compute="" name=cpu description=cpu libdirs=ollama driver="" pci_id="" type="" total="7.7 GiB" available="6.9 GiB"
ollama-1  | time=2026-02-28T09:13:39.290Z level=INFO source=server.go:431 msg="starting runner" cmd="/usr/bin/ollama runner --ollama-engine --model /root/.ollama/models/blobs/${blob} --port 36467"
ollama-1  | time=2026-02-28T09:13:39.314Z level=INFO source=runner.go:1284 msg=load request="{Operation:fit LoraPath:[] Parallel:2 BatchSize:512 FlashAttention:Auto KvSize:9999 KvCacheType: NumThreads:3 GPULayers:[] MultiUserCache:false ProjectorPath: MainGPU:0 UseMmap:false}"
ollama-1  | time=2026-02-28T09:13:39.400Z level=INFO source=runner.go:1284 msg=load request="{Operation:commit LoraPath:[] Parallel:2 BatchSize:512 FlashAttention:Disabled KvSize:8192 KvCacheType: NumThreads:4 GPULayers:[] MultiUserCache:false ProjectorPath: MainGPU:0 UseMmap:false}"
ollama-1  | time=2026-02-28T09:13:39.410Z level=INFO source=ggml.go:494 msg="offloaded 0/29 layers to GPU"
ollama-1  | time=2026-02-28T09:13:41.000Z level=INFO source=server.go:1339 msg="llama runner started in 1.71 seconds"
ollama-1  | time=2026-02-28T09:13:41.001Z level=INFO source=server.go:1339 msg="llama runner started in 1.71 seconds"
ollama-1  | time=2026-02-28T09:13:42.000Z level=WARN source=types.go:755 msg="invalid option provided" option=mirostat
ollama-1  | time=2026-02-28T09:13:43.000Z level=WARN source=runner.go:187 msg="truncating input prompt" limit=4096 prompt=5120 keep=4 new=4096
ollama-1  | time=2026-02-28T09:13:44.000Z level=WARN source=runner.go:187 msg="truncating input prompt" limit=4096 prompt=6000 keep=4 new=4096
`

/** 0.33 on a GPU: llama-server, which reports how it applied its flags. */
export const llamaServer = `time=2026-08-20T08:00:00.000Z level=INFO source=routes.go:2001 msg="server config" env="map[LLAMA_ARG_FIT:on OLLAMA_CONTEXT_LENGTH:0 OLLAMA_FLASH_ATTENTION: OLLAMA_HOST:http://127.0.0.1:40123 OLLAMA_KV_CACHE_TYPE:q8_0 OLLAMA_MODELS:/usr/share/ollama/.ollama/models OLLAMA_NUM_PARALLEL:2 ${origins}]"
time=2026-08-20T08:00:00.001Z level=INFO source=routes.go:2050 msg="Listening on 127.0.0.1:40123 (version 0.33.0)"
time=2026-08-20T08:00:01.000Z level=INFO source=types.go:42 msg="inference compute" id=GPU-1 library=CUDA compute=8.9 name=CUDA0 description="NVIDIA GeForce RTX 4090" total="24.0 GiB" available="23.5 GiB"
time=2026-08-20T08:00:02.000Z level=INFO source=llama_server.go:433 msg="starting llama-server" cmd="/usr/local/lib/ollama/llama-server --model /usr/share/ollama/.ollama/models/blobs/${blob} --port 44067 --host 127.0.0.1 --no-webui --offline -c 65536 -np 2 --log-verbosity 4 --no-log-prefix --no-log-timestamps --cache-type-k q8_0 --cache-type-v q8_0 --flash-attn auto -b 1024 -ub 1024 --context-shift --keep 4"
system_info: n_threads = 8 (n_threads_batch = 8) / 16 | CPU : SSE3 = 1 | AVX2 = 1 |
llama_context: n_ctx         = 65536
llama_context: flash_attn    = auto
load_tensors: offloaded 20/29 layers to GPU
llama_kv_cache: size = 1904.00 MiB ( 32768 cells,  28 layers,  2/2 seqs), K (q8_0):  952.00 MiB, V (q8_0):  952.00 MiB
resolve_fused_ops: Flash Attention enabled
time=2026-08-20T08:00:05.000Z level=INFO source=llama_server.go:1362 msg="llama-server started in 2.90 seconds"
`
