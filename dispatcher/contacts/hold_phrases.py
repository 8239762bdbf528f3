"""The phrases by which a list says that somebody must not be written to, by reason.

Notation: `typed_words.expression`, one phrase a line, written as a careful clerk spells; each word matches
however it is typed. Of one place the graver reason wins.
"""

from __future__ import annotations

from collections.abc import Mapping

# Said anywhere: in a title, an address, an occupation.
SAID: Mapping[str, str] = {
    "dead": """
(đã|mới|vừa|đều|ốm|bệnh|tai nạn|ung thư|đột quỵ|già yếu|tự tử|hiện|nay|chắc|cũng|bị|tin|là|báo|bảo|nói|\
    kêu) mất {số|sim|liên lạc|kết nối|tích}
mất <when> {sổ}
^mất $
(<person>) [_] [_] [đã|mới|vừa|vừa mới|bị|đều|cũng|thì] mất [rồi|r] $
(<person>) [này|ấy|đó|cụ] [đã|mới|vừa|vừa mới|bị|đều|cũng] mất {<lost>|số|sim|liên lạc|kết nối|tích}
mất! $
(tự tử|tự vẫn|tự sát|tự thiêu|treo cổ|đuối nước|thiệt mạng|bỏ mạng|bỏ xác|truy điệu|di quan|nhập quan|\
    đưa tang|lo tang|tuyên bố chết|k tử|ktử|hết đời|toi đời|qua đời|qđời|q đời|từ trần|t trần|tvong|tử sĩ|\
    no longer alive|tử vong|t vong|tử nạn|tử trận|tử tuất|đột tử|tử thương|tạ thế|quá cố|khuất (núi|bóng|\
    rồi)|đã khuất|quy tiên|viên tịch|mãn phần|lìa (đời|trần)|thất lộc|về trời|chầu trời|lâm chung|siêu\
    thoát|an nghỉ|yên nghỉ|khai tử|báo tử|chứng tử|giấy tử|tắt thở|trút hơi|vĩnh biệt|từ giã cõi|lên (thiên\
    đàng|thiên đường)|đầu thai)
về [với|nơi|cõi|bên|miền] (tổ tiên|ông bà|cực lạc|vĩnh hằng|đất mẹ|đất|chúa|nước chúa|chín suối|suối\
    vàng|cõi [_]|phật|tiên tổ|chầu)
(chín|suối) (suối|vàng)
(đã|được|ngày|năm|bị|lúc) hy sinh
^hy sinh
hy sinh (năm|ngày|tại|khi|trong|#|ở|từ|hồi)
hưởng (thọ|dương) [#]
(mai táng|an táng|hỏa táng|hoả táng|điện táng|cáo phó|đám (tang|ma|hiếu)|chúa gọi|tang (lễ|gia|sự)|làm\
    (ma|đám|tang)|phúng viếng|đi viếng|phúng điếu|hậu sự|lễ tang|^viếng|mồ (yên|mả)|xanh cỏ|đã (viếng|thắp\
    hương|chôn|thiêu|liệm)|chôn cất|cải táng|bốc mộ|sang cát|giỗ (đầu|hết|# năm)|(49|100) ngày|trăm ngày|\
    tuần 49)
không còn (sống|trên đời|trên cõi đời|nữa $|tồn tại trên|cõi)
không qua khỏi
đã (ra đi|đi xa mãi) [mãi mãi]
chết {tên|giá|tiền}
^(tử!|liệt sĩ|từ bỏ cõi đời) $
(gặp|theo) (ông bà|tổ tiên)
hết thọ {mạng}
mất [vì|do] (bệnh|thọ # |tuổi già|tai nạn|tuổi cao)
(ông bà|vợ chồng) [đã|đều] mất (cả|hết) {liên lạc}
(thay|đổi) [tên] chủ hộ [vì|do] [chủ hộ|chồng|vợ|bố|mẹ] [cũ] mất {sổ}
hồ sơ (mai táng|tử tuất)
(ra đi|đi) mãi mãi
ra đi (năm|ngày|tháng|lúc|vì|do|#|thanh thản) {<far>}
(vừa|mới|đã) chôn
(đang|còn|nhà) để tang
(có|chịu) tang (ông|bà|cụ|bố|mẹ|chồng|vợ|con)
(hóa kiếp|vãng sinh|vãng sanh|báo thân|lìa xa cõi|xa lìa cõi|không còn thở)
(đãmất|đãchết|quađời|mấtrồi|mớimất|not alive)
(thăng thiên|thế giới bên kia|bên kia thế giới|sang thế giới khác)
mộ (ở|tại|nằm)
^[đã] (m ất|mấ t) $
^liệt sĩ (chống|thời|kháng chiến|đánh|ct|#)
^cố (bí thư|chủ tịch|phó|trưởng|đảng viên|cán bộ|giáo viên|ông|bà|cụ|hội viên)
(rip|r i p|deceased|died|dead|death|passed away|pass away|late (mr|mrs|ms))
(bị|đã) (sát hại|giết)
""",
    "refuses": """
(không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|hủy|bỏ|hết|khỏi|tạm dừng|tạm ngừng) [việc] (<want>)* (tiếp\
    nhận|nhận|nghe) {được} (<message>|của|từ|qua|bằng|nt|$|đâu|thêm)
(không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|khỏi|tạm dừng|tạm ngừng) [việc] (<want>)* nhắn! {được|tin được|\
    tin vào được}
(không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|khỏi|tạm dừng|tạm ngừng) [việc] (<want>)* nhắn (tin|nữa|sms|\
    cho|$) {được}
(không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|khỏi|tạm dừng|tạm ngừng) [việc] (<want>)* gửi (<message>|cho\
    (ông|bà|cô|chú|anh|chị|bác)|$|tới|đến) {được|đến}
(không|đừng|chớ|cấm|miễn|thôi|ngừng|dừng|khỏi) [việc] (<want>)* (gọi|liên hệ|liên lạc|lh|ll) {được|vào|\
    là|tên|nhập ngũ|điện được|đến|tới|điện|thoại}
(không|đừng|chớ|cấm|miễn|khỏi) [việc] (<want>)* (gọi điện|làm phiền|quấy rầy|quấy|spam|add|thông báo\
    (cho|đến|nữa|qua|$)|báo tin) {được}
từ chối ($|nhận ($|mọi|tất cả|<message>|nt)|ký|<message>|nghe|trả lời|cung cấp|cho (số|sđt)|tham gia|\
    hợp tác|mọi|tất cả|đăng ký|khai|không|hết|#|rồi|luôn)
(xin|đề nghị|yêu cầu) ra khỏi (nhóm|danh sách|ds|sổ)
(không|chưa) (đồng ý|đồng thuận|đồng tình|chấp thuận|thỏa thuận|tự nguyện|cam kết|ký (đồng ý|phiếu đồng\
    ý|cam kết)|tích đồng ý|tích|tán thành|chấp nhận|cho phép|bằng lòng|ưng thuận|thuận|nhất trí|đy|đ ý) ($|\
    #|dùng|lấy|sử dụng|nhận|cho|cung cấp|chia sẻ|liên|gửi|nhắn|tham gia|nghe|để|việc|bị|gọi)
(không|chưa) (đăng ký|đk) nhận
không [có] nhu cầu (nhận|nghe|<message>)
(chặn) (tin|số|zalo|liên lạc|cuộc gọi|sđt|máy|xã|sms|cán bộ|điện thoại|tn|hết|luôn|rồi|mọi)
đã chặn
(rút|xóa|gạch|bỏ|loại|gỡ|đưa|cho) [_] [_] (khỏi|ra khỏi) (<list>)
(xin|đề nghị|yêu cầu) (được|cho)* (rút|xóa|gạch|thôi|miễn|dừng|ngừng|đừng|bỏ) ($|tên|số|sđt|thông tin|\
    khỏi)
(yêu cầu|đề nghị|xin) (dừng|ngừng|không|đừng|thôi) {phải|có|được|lấy}
(hủy|tắt|chặn) (nhận|<message>|theo dõi|kết bạn|dịch vụ)
(hủy|bỏ|thôi) (đăng ký|đk) ($|nhận|<message>|dịch vụ)
phản đối ($|nhận|nhắn|việc (nhắn|gửi|gọi)|gửi)
(phàn nàn|bực|kêu|than|chửi|mắng|cáu|gắt|khó chịu|nổi nóng|tức|nổi cáu|bức xúc|khiếu nại|phản ứng|phản\
    ánh|tố cáo) [_] [_] [_] [_] (gọi|nhắn|lừa đảo|rác|spam|phiền|<message>)
dị ứng
(gỡ|xóa) số này
không cho (dùng|sử dụng|xài) (số|sđt)
không nghe (tuyên truyền|vận động)
(rời|out|thoát) (nhóm|group)
(ngừng|ngắt|cắt|bớt|thôi) (tin|tin nhắn|sms|thông báo)
đưa vào danh sách (chặn|đen)
(không hợp tác|bất hợp tác|chống đối|không quan tâm|không tiếp (cán bộ|xã|đoàn|ai)|(block|đã block) (số|\
    zalo|xã|tin|$)|báo (tin rác|spam))
rút [lại|đơn] [sự] (đồng ý|$)
rút (tên|khỏi|lui)
(stop|dnc|unsubscribe|unsubscribed|optout|refuse|refused|refuses|declined|decline)
opt (out|ed out)
opted out
(do not|dont|don t|never) (contact|call|text|disturb|send|sms|email|write|mesage)
withdrew consent
consent withdrawn
(doesn t|does not|dont) want
(blocked|please stop|asked to stop)
no (more|thank|tin nhắn|consent|sms|text|texts|calls|call|contact|contacts|thanks|message|messages)
not interested
remove me
""",
    "moved": """
chuyển (khẩu|hộ khẩu|hk|hktt|thường trú|đktt|nơi|chỗ|nhà|trường|lớp|công tác|ct|sinh hoạt|sh|shđ|đảng|\
    chi bộ|đơn vị|cơ quan|ngành|vùng|cư trú|hẳn|quê|xóm|thôn|tổ|xã|huyện|tỉnh|hội|phường|khỏi|khu) {về (đây|\
    địa phương) $}
chuyển [hẳn|cả|luôn|hết] (đi|ra|vào|vô|lên|xuống|sang|qua) {sao}
chuyển [hẳn] (về|đến|tới) {đây|địa phương|từ}
chuyển (<far>)
chuyển (cả|luôn|hẳn)* (sang|qua|về|đến|tới|ra) (thôn|xóm|tổ|ấp|bản|khóm|phường|xã|kp|tdp|khu|khu phố|\
    chi bộ|tổ dân phố|làng|buôn) (_|#)
chuyển (luôn|hết|cả) (rồi|nhà|hộ|$)
chuyển (kk|cq|nơi sinh hoạt|địa bàn|ra khỏi)
đã chuyển ($|#|rồi|từ|năm|tháng|ngày|hết|lâu|luôn)
(ở|đi|về) rể
(xây dựng|lập) gia đình (nơi|ở|xa|ngoài|tại)
^đi (xây dựng|lập) gia đình
(điều chuyển|bảo lưu|tại ngũ|nhập ngũ {năm})
chuyển (học|học nơi|kdc|khu dân cư|việc|công ty|cty|đvị|chỗ làm)
học [ở|tại] ((<unit>) khác)
^[đã] chuyển ($|năm|tháng|ngày|#|rồi|t #)
(cắt|xóa|rút) [hộ] (khẩu|hk|hktt)
(cắt|xóa|rút) [đăng ký|đk] (thường|tạm) trú
nhập [hộ] (khẩu|hk) (nơi|về|đi|vào|ra|sang|lên|bên|ở)
(đi|ở|đến|ra|về|sống|cư trú|làm ăn|sang|vào|lên|qua) [hẳn|sinh sống|định cư] (nơi|chỗ|(<unit>)) khác
(lấy|cưới|có|gả) (chồng|vợ) {(trong|ở|về|cùng) (thôn|xóm|xã|làng|ấp|đây|xã nhà) {khác|bên}} (bên|vào|ra|\
    lên|xuống|sang|ở xa|xa|đi|về|ở|ngoài|trong|tây|<far>|nước)
gả (xa|đi|về|chồng)
đi lấy (chồng|vợ)
theo (chồng|vợ|con|cháu|bố mẹ|gia đình|người nhà|bố|mẹ) [trai|gái|cả|cháu|con] (chuyển|về|đi|ra|vào|vô|\
    lên|sang|qua|$)
(bán|nhượng) [hết] nhà {máy|nước|thuốc}
bán đất (đi|chuyển|rồi)
nhà (bỏ|để) (không|hoang|trống)
(dọn|dời) (chỗ|nhà|đi|về|sang|ra|lên|vào|đến|cả|hết|khỏi)
không [còn|thường xuyên|thực tế|hề|thấy|có|có người này|thấy người này] (<live>|có tên|thuộc|trong|ở\
    trong|có trong|thuộc về) [_] <here>
không còn (<live>|trong|thuộc)
(không|chẳng) (có|thấy) (người này|ai (ở|tên|này)|hộ này|ông này|bà này|tên (này|trong))
vắng chủ
(hộ|nhà) (không|chưa) (có)* (người|ai) [ở]
(treo|chỉ còn|chỉ có|còn) (khẩu|hộ khẩu) [treo|ở đây]
(khẩu|hộ khẩu|hk) (treo|ảo|ở đây người)
(có|còn) (hk|hộ khẩu|khẩu) nhưng (không|người)
(không|chưa) (tìm (thấy|được|ra)|xác định được (nơi|chỗ|địa chỉ|người)|quản lý|thuộc (quản lý|thôn|xóm|\
    chi bộ|tổ|diện quản lý|địa bàn))
tìm không (ra|thấy|được)
không (phải|còn) (đảng viên|hội viên|đoàn viên) (chi bộ|chi hội|của|ở đây|này|thôn)
(cắt|thôi|hết|gt|giới thiệu) (sh|shđ|sinh hoạt) {phí}
gtsh
(thuộc|về) ((<unit>) khác)
đã tách (thôn|xã|tổ|chi bộ)
vắng mặt [tại|ở|khỏi] (địa phương|nơi)
(người|dân|hộ khẩu|hk|khẩu) [ở] ((<unit>) khác)
ra khỏi (tổ|thôn|xã|địa bàn|địa phương|khu)
không (cư trú|thường trú|sinh sống|thực tế cư trú)
(không|chẳng) ở <here>
không phải (người|dân|hộ khẩu|hk|công dân|nhân khẩu|hộ) [dân] [của|trong|ở|tại] (thôn|xã|xóm|tổ|địa\
    phương|đây|làng|ấp|phường|khu)
vắng [mặt] [lâu|dài|thường xuyên] [ngày|hạn] [khỏi|ở|tại] (địa phương|đp|nơi cư trú|thôn|xóm)
vắng [mặt] (lâu|dài|từ) (ngày|hạn|năm|#)
tạm vắng
vắng nhà # (năm|tháng)
(tạm trú|thường trú) (nơi|chỗ|xã|tỉnh|huyện) khác
kcttđp
(#|nhiều|mấy|lâu|bao) năm [nay] không (về|có mặt|ở nhà|thấy)
(vắng|đi vắng) thường xuyên
thường xuyên vắng
cắt chuyển
đi học (đh|đại học) {về}
đi (công nhân|biển dài)
ở (nhờ|nhà) [nhà] (con|cháu|em|anh|chị) (trong|ngoài|trên|dưới) (<far>|thành phố|tp)
(bỏ|đi|rời) (đi khỏi|khỏi|địa phương|xứ|quê {ăn}|làng) {nhà (vệ|tắm)}
(đi|bỏ) (biệt|lâu)
đi đâu (không|mất)
(thôi|bỏ) học
nghỉ học hẳn
(mất tích {#}|trốn (nợ|truy|thi|đi)|di cư|di dân|đoàn tụ|viễn dương|luân chuyển|điều động|thuyên chuyển|\
    biệt phái|bỏ trốn|đi trốn|lang thang|vô gia cư|khác địa phương|ngoài địa phương)
không (rõ|biết) (nơi|địa chỉ|tung tích|ở đâu|đi đâu|chỗ ở|hiện ở)
(đi|ở|sang|qua|về|vào|bên|định cư|du học|làm việc|sống|sinh sống|lao động|lđ|làm ăn|công tác) [_] [_]\
    [tại|ở|bên] (<abroad>)
qua (cam|miên|lào)
(ra|qua) nước ngoài
(lao động xuất khẩu|lđxk|lđnn|lđ nn|bảo lãnh|kiều bào|việt kiều {về}|migrated|xuất khẩu (lao động|lđ|\
    ld)|xklđ|xkld|x k l đ|xk lđ|xk (lao|lđ)|tu nghiệp|tns|thực tập sinh|tts|định cư|xuất cảnh|xuất ngoại|du\
    học|dhs|hợp tác lao động|htlđ)
^[đi|đã đi] xuất khẩu [#|rồi] $
(moved|relocated|emigrated|abroad|overseas|transferred|no longer (here|lives|at|living)|living in|left\
    the village)
(hiện|đang|nay|giờ) [đang] [sinh] (sống|ở) [tại|ở] (<far>)
(vào|vô|ra|lên|sang|về|xuống|đi) (<far>|thị xã|thị trấn|huyện|tỉnh|quê) (sinh sống|ở|sống|định cư|làm\
    ăn|lập nghiệp|cư trú|hẳn|luôn|lđ|lao động)
(sinh sống|cư trú|định cư|thường trú|sống) (tại|ở|bên|trong|ngoài|trên|dưới|nơi) (<far>)
^[đã|đi|nay|hiện] (vào|vô|ra) (<far>) $
^đã (vào|vô|ra|lên|về) (<far>)
sinh hoạt [ở|tại] ((<unit>) khác)
(về ở|ra ở|vào ở|lên ở|ở|về sống|sống|về) (với|cùng) (con|cháu|em|anh|chị|bố mẹ) [trai|gái|cả|út|dâu|\
    rể] (trong|ngoài|ở|tại|trên|dưới|bên)
(ra|vào|vô|lên|sang|xuống|về) (<far>) [ở] (với|cùng|theo)
tách ra ở
(tách|ra) (hộ|ở|riêng) [ở|về|riêng|ra] [riêng|về] (nơi|xã|tỉnh|huyện|thôn)
đã (lên|ra|vào|về) (thành phố|tp|quê)
đi theo (con|chồng|vợ|cháu)
""",
    "number": """
(sai|nhầm|lộn|lầm|trật|lỗi|viết sai|ghi sai) [cả|mất|hẳn|đầu|một|#] (<phone>|chữ số|số)
(tháo|bán|nhường|không lắp|chưa lắp|hết hạn|chưa kích hoạt|không kích hoạt|mất|cắt) (sim|số cho|số $|số\
    này|số rồi)
(đầu số|chưa chuyển đầu số|đổi đầu số|số (11|mười một) số)
(nhầm|lộn|lầm) (máy|người|số|qua|sang|với số)
gọi [_] (nhầm|lộn|lầm)
(gọi|nghe|bắt máy|trả lời|cầm máy) [là|trúng|ra|vào|máy|thì|toàn]* [của] (người khác|ông khác|bà khác|\
    người lạ)
trùng số (với|ông|bà|người|của)
(bảo|nói|báo|nghe|trả lời) [là|máy] (nhầm|lộn|sai)
(bảo|nói|báo|nghe) [_] không (phải|đúng)
báo [số] sai
(<phone>) [_] [_] [_] (<bad>)
(<phone>) mất $
(<phone>) [của] [chủ] cũ [rồi|r] $
(<phone>) không có $
(<phone>) cũ (không|bỏ|hỏng|đã|chưa|hết)
(<phone>) này (của|là của) (<other>)
(đổi|thay|thay đổi|bỏ|hủy|khóa|cắt|vứt|ngắt|mất) (số|sim|sđt|thuê bao|số điện thoại|máy cũ)
máy [bị|đã] (khóa|cắt)
(khóa|chặn) (máy|# chiều|một chiều|hai chiều|2c|chiều|sim|số)
# chiều
(bị|đã|tạm) [nhà mạng] (khóa|thu hồi|cắt # chiều|chặn # chiều) {học|sổ|cửa|xe|tài khoản|thẻ|đất|nhà|\
    giấy}
nhà mạng (khóa|cắt|thu hồi|chặn|báo)
(cắt|chặn) (#|một|hai) chiều
(người khác|ng khác|người lạ|ng lạ|người ta|ai đó|đứa khác|ai khác) [đang|đã] (nghe|dùng|cầm|bắt|sử\
    dụng|trả lời|giữ|xài)
đổi chủ
không [phải|đúng|phải là] (số|chủ|máy|thuê bao|sđt|chính chủ|của (ông|bà|người|cô|chú|anh|chị)) {này\
    còn|mới}
không phải (ông|bà|người|anh|chị|em|cô|chú|chủ|bác|đối tượng) (này|ấy|đó|ta|ta nữa|trong)
(sai|đổi) chủ
(không|thôi|ngừng|hết|dừng|không còn) (dùng|sử dụng|sd|xài|sài|hoạt động) [nữa|được] ($|<device>|này|\
    nữa|lâu)
không còn (dùng|sử dụng|sd|xài)
(không|chưa) (thể|hề|ai|có|thấy|có thể)* (<reach>) (điện|vào|tin|cho|tới|với|được|số này|nổi|máy)*\
    (được|đến|tới|nổi|vào)
(<reach>) [_] [_] [_] (không|chẳng|chưa) (được|đến|tới|vào|nổi|có ai|liên|thấy|ra|có|nhận|ai nghe số)
không thể (<reach>)
(không|chưa) kết nối
báo [số] không (tồn tại|có|đúng|liên lạc)
tạm ngưng dịch vụ
gọi (tút|tít)
(gửi|nhắn|tin|tin nhắn|gửi tin|nhắn tin|sms) [bị] [không|_] (thất bại|lỗi|fail|trả lại|trả về|hoàn|gửi\
    được)
(người|kẻ) [bắt máy|nghe|nghe máy] không phải
không đúng người
(rớt|bể|hư|gãy|rơi|vỡ) [mất] sim
sim (rớt|hư|bể|gãy|rơi|vỡ|cũ)
(tin|số) bị trả
không (có tín hiệu|tín hiệu|đổ chuông|đổ chuông|nằm trong vùng)
ngoài vùng [phủ sóng]
(cắt|mất) (liên lạc|kết nối|ll)
^thuê bao [#|rồi|# lần|tất cả|gọi # lần|liên tục|suốt|hoài|luôn|mãi] $
(hay|luôn|toàn) thuê bao
(gọi|toàn|báo) [_] [_] thuê bao
thuê bao (không|tạm|bị|đã|chết|ảo|quý khách|khóa|ngừng|vừa)
tổng đài (báo|trả lời|nói)
tắt máy (# |mấy|cả|suốt|liên tục|lâu|mãi|hẳn|luôn|thường xuyên)
(luôn|toàn|suốt|thường xuyên) tắt máy
thu hồi (số|sim)
(chưa|không) (cập nhật|có|báo|biết|đổi|rõ|xin được|cho) (số|sđt) (mới|đúng|khác|thật)
chưa cập nhật (số|sđt) $
(chưa|không) chính xác
không (nhận) được (cuộc gọi|điện thoại)
hết tiền khóa
(wrong|invalid|bad|incorrect) (number|person|phone|no|num|nbr|tel)
^invalid
(not in service|disconnected|out of service|bounced|bounce|undeliverable|unreachable|not reachable|no\
    longer in use|cannot be reached|number (changed|has|expired|invalid|disconnected)|changed number|not in\
    use|no longer valid|cannot reach|can t reach|failed|undelivered|not delivered|no such number|doesn t\
    exist|wrong owner|belongs to (someone|his|her|another)|neighbour s|son s|daughter s|number inactive|\
    inactive|cant reach|switched off|turned off|not valid|does not exist)
""",
    "retired": """
nghỉ (bhxh|(trưởng|phó|tổ|bí thư|chi hội|chủ tịch)|mất sức|do (sắp|sáp|sát|tinh|giải)|dạy|hưu|việc|công\
    tác|chế độ|hẳn|làm|mất sức|theo|chờ hưu|nđ|nghị định|tinh giản|178|trước tuổi|hợp đồng) {nhà}
(hưu trí|về hưu|đã hưu|về nghỉ|nghĩ hưu|nghĩ việc|đã nghĩ)
^hưu
hưu (từ|năm|$|#|tháng)
(thôi|cho thôi|buộc thôi|xin thôi) (bí thư|trưởng|phó|chủ tịch|tổ trưởng|việc|giữ chức|làm|nhiệm vụ|\
    chức|công tác|tham gia|dạy|giữ|phục vụ)
đã nghỉ ($|từ|năm|#|hẳn|rồi|luôn|theo|tháng)
(tinh giản|miễn nhiệm|bãi nhiệm|cách chức|khai trừ|ra khỏi đảng|xóa tên|buộc thôi|không tái cử|bị kỷ\
    luật buộc)
(sa thải|đình chỉ công tác|không ký tiếp|quyết định nghỉ|qđ nghỉ|sổ hưu|không làm (ở|tại))
hết (nhiệm kỳ|nhiệm kì|hợp đồng|hđ|hđlđ|hạn hợp đồng|tập sự)
(chấm dứt|thanh lý|cắt) (hợp đồng|hđ|hđlđ)
xin (nghỉ|nghỉ việc|thôi)
(không|không còn) (còn) (làm|công tác|giảng dạy|dạy|đứng lớp|phụ trách|giữ chức|đương chức|biên chế)
không còn là (cán bộ|công chức|viên chức|giáo viên|nhân viên|trưởng|bí thư)
ex staff
không (công tác|làm|dạy) (nữa|ở đây nữa)
[đã] bàn giao (công tác|công việc|nhiệm vụ)
(retired|resigned|quit|former (staff|employee)|left (the|office|job|company|post)|no longer (works|\
    employed|working)|terminated)
""",
}
