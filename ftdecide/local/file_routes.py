"""`files`: upload, list, read back and delete training files."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ftdecide.errors import InputError
from ftdecide.local.bodies import choose_page, page_view, view
from ftdecide.local.desk import desk_of
from ftdecide.local.preferences import holds_preferences, read_preferences
from ftdecide.local.rows import read_rows
from ftdecide.local.uploads import add_upload, delete_upload, find_upload, list_uploads, read_upload
from ftdecide.local.wire import RefusedError

_USUAL_PAGE = 10_000


async def add_file(request: Request) -> Response:
    """Keep a training file after checking every line of it."""
    desk = desk_of(request)
    most = desk.defaults.server.most_upload_mb
    async with request.form(max_files=1, max_fields=10, max_part_size=1_000_000) as form:
        file = form.get("file")
        purpose = form.get("purpose")
        if not isinstance(file, UploadFile):
            raise RefusedError("the form has no file; send it in the field 'file'", param="file")
        if purpose != "fine-tune":
            raise RefusedError(f"purpose={purpose!r}: only 'fine-tune' is supported here", param="purpose")
        if (file.size or 0) > most * 1_000_000:
            raise RefusedError(f"the file is larger than {most} MB; train on fewer rows", status=413, param="file")
        content = await file.read()
        name = file.filename or "upload.jsonl"
    try:
        read_preferences(content) if holds_preferences(content) else read_rows(content)
    except InputError as error:
        raise RefusedError(f"{name!r}, {error}", param="file", code="invalid_jsonl") from error
    return JSONResponse(view(add_upload(desk.uploads, name, "fine-tune", content)))


async def list_files(request: Request) -> Response:
    """All files, or those of one purpose, the newest first."""
    files = list_uploads(desk_of(request).uploads)
    purpose = request.query_params.get("purpose")
    kept = [file for file in files if purpose in (None, file.purpose)]
    page, more = choose_page(request, kept, _USUAL_PAGE)
    return JSONResponse(page_view([view(one) for one in page], more=more))


async def get_file(request: Request) -> Response:
    """What is known of one file, or 404."""
    return JSONResponse(view(find_upload(desk_of(request).uploads, str(request.path_params["file"]))))


async def get_content(request: Request) -> Response:
    """The bytes of one file, or 404."""
    content = read_upload(desk_of(request).uploads, str(request.path_params["file"]))
    return Response(content, media_type="application/octet-stream")


async def delete_file(request: Request) -> Response:
    """Remove one file, or 404."""
    wanted = str(request.path_params["file"])
    delete_upload(desk_of(request).uploads, wanted)
    return JSONResponse({"id": wanted, "object": "file", "deleted": True})


ROUTES = [
    Route("/files", add_file, methods=["POST"]),
    Route("/files", list_files, methods=["GET"]),
    Route("/files/{file}", get_file, methods=["GET"]),
    Route("/files/{file}", delete_file, methods=["DELETE"]),
    Route("/files/{file}/content", get_content, methods=["GET"]),
]
