"""Sentences as offices send them, each with the words that an editor would change in a text without accents.

Behind "|" stand the words, parted by commas; nothing there: the sentence is read as it is meant.
"""

from __future__ import annotations

_TABLE = """
Mời bà con thôn Đông Hà dự buổi họp lúc 19h30 ngày 15/11 tại nhà văn hoá thôn.|
Trạm y tế xã tổ chức buổi tiêm vắc xin cho trẻ dưới 5 tuổi vào sáng thứ Bảy.|
Buổi tập huấn chuyển đổi số bắt đầu lúc 8h tại hội trường UBND xã.|
Năm mới 2026, UBND xã kính chúc bà con sức khoẻ, hạnh phúc.|
Đề nghị bà con hoàn thành nộp thuế đất trước ngày 30/11.|
Hồ sơ của ông/bà đã hoàn thành, mời đến bộ phận một cửa nhận kết quả.|
Mời bà Nguyễn Thị Mới đến nhận sổ hưu.|
Chị Lớn, thôn Đông, đã nộp đủ hồ sơ.|
Phòng dịch tả lợn châu Phi: bà con không vứt xác vật nuôi ra kênh mương.|lợn
Hộ có lợn chết báo ngay cho thú y xã.|lợn
Giá thịt lợn tăng, đề nghị bà con mua ở nơi có kiểm dịch.|lợn
Tiêm phòng cho đàn lợn từ ngày 5/11.|lợn
Dịch tả Lợn châu Phi đang lan rộng.|Lợn
Không ăn tiết canh lợn để phòng bệnh liên cầu khuẩn.|lợn
Xã hỗ trợ 38.000đ/kg lợn hơi phải tiêu huỷ.|lợn
Cơ sở ấp trứng vịt lộn phải đăng ký trước 1/12.|lộn
Trứng vịt lộn bán ở chợ phải có dấu kiểm dịch.|lộn,bán
Sân vận động lộn xộn, đề nghị bà con dọn dẹp.|
Hồ sơ nộp bị lẫn lộn, mời ông/bà đến làm lại.|
Bà con không nhầm lộn giữa hai loại thẻ.|
Mưa lớn trong đêm nay, bà con vùng trũng chủ động di dời.|lớn
Dự báo có gió lớn, không ra khơi.|lớn
Lũ lớn trên sông Thái Bình, bà con không ra bãi.|lớn
Cháy lớn ở khu công nghiệp, các hộ gần đó sơ tán.|lớn
Nước lớn vào lúc 14h, bà con cẩn thận.|lớn
Người lớn tuổi được khám sức khoẻ miễn phí tại trạm y tế.|
Phần lớn bà con đã tham gia cuộc thi.|
Trẻ em và người lớn đều có thể dự thi.|
Số lượng lớn hồ sơ chưa đủ giấy tờ.|
Đây là đợt vận động lớn nhất trong năm.|
Diện tích lớn hơn 500 m2 phải xin phép.|
Ngày hội lớn của toàn dân: bầu cử 23/5.|lớn
Xe tải lớn không được vào đường thôn.|lớn
Bưởi Diễn được mùa, HTX thu mua từ ngày 10/12.|Bưởi
Tập huấn trồng bưởi cho bà con thôn Tây.|bưởi
Mời bà Trần Thị Bưởi đến UBND xã nhận quà.|
Hộ bà Bưởi thôn Đoài đã được cấp sổ.|
Sâu bệnh trên cây bưởi đang phát triển mạnh.|bưởi
Hộ nuôi cá lồng trên sông phải gia cố trước bão.|lồng
Các hộ nuôi cá lồng bè di dời trước 17h hôm nay.|lồng
Nội dung lồng ghép trong sinh hoạt chi bộ.|
Trung thu này các cháu thi làm đèn lồng.|
Mất cả buổi vì thiếu giấy tờ? Hãy nộp hồ sơ trực tuyến.|buổi
Lớp học gồm hai buổi, học viên đi đủ được cấp giấy chứng nhận.|buổi
Buổi sáng khám cho trẻ em, buổi chiều khám cho người cao tuổi.|
Buổi đối thoại với nhân dân diễn ra ngày 20/11.|
Mời đại biểu dự buổi lễ kỷ niệm 20/11.|
Trong buổi làm việc, mang theo căn cước công dân.|
Sau buổi sinh hoạt, chi bộ thu đảng phí quý IV.|
Mỗi tuần một buổi, cán bộ trực tại nhà văn hoá.|buổi
Mỗi hộ nộp 100.000đ quỹ phòng chống thiên tai.|Mỗi
Mỗi người dân cài đặt một ứng dụng VNeID.|Mỗi
Mỗi học sinh nộp 2 ảnh thẻ.|Mỗi
Mỗi ngày tập thể dục 30 phút để khoẻ mạnh.|
Đóng góp 50.000đ mỗi hộ, nộp cho trưởng thôn.|
Học phí 120.000đ mỗi tháng, nộp trước ngày 10.|
Mức chi cho mỗi người cao tuổi là 500.000đ.|
Vận động: mỗi đảng viên giúp một hộ khó khăn.|mỗi
Tiết kiệm điện mỗi ngày là góp phần bảo vệ môi trường.|
Trong mỗi gia đình có ít nhất một người biết dùng dịch vụ công.|
Sau 17h mới nhận hồ sơ trả kết quả.|mới
Người đã đăng ký mới được vào hội trường.|mới
Có giấy hẹn mới đến nhận kết quả.|mới
Từ 1/12 mới thu phí rác theo mức quy định.|
Xã đạt chuẩn nông thôn mới nâng cao.|
Quy định mới về đất đai có hiệu lực từ 1/8.|
Mời bà con làm thẻ căn cước mới tại công an xã.|
Bảo hiểm y tế cấp mới có hiệu lực sau 30 ngày.|
Đổi mới phương thức sinh hoạt chi bộ.|
Tin mới nhất về bão số 12: sáng mai vào đất liền.|
Bệnh mới nổi, bà con chú ý rửa tay.|
Số điện thoại mới của UBND xã: 02253 000 000.|
Mới đây có kẻ giả danh cán bộ thu tiền, bà con cảnh giác.|
Đừng bấm vào liên kết lạ.|Đừng
Xin bà con đừng đốt rơm rạ.|đừng
Đừng cho ai mượn thẻ ngân hàng.|Đừng
Đừng chuyển tiền cho người lạ.|Đừng
Bà con đừng ra khỏi nhà khi bão vào.|đừng
Không bấm vào liên kết lạ, không cung cấp mã OTP.|
Cấm đốt rác ngoài đồng.|Cấm
Cấm xe tải vào đường thôn từ 6h đến 22h.|Cấm
Khu vực cấm đổ rác thải.|
Nghiêm cấm đốt pháo nổ dịp Tết.|
Xã cấm họp chợ ở lòng đường từ ngày 1/12.|cấm
Hành vi bị cấm: dùng xung điện đánh cá.|
Cầu qua sông Cấm tạm ngừng lưu thông để sửa chữa.|
CẤM ĐỐT RỪNG TRONG MÙA KHÔ.|CẤM
Hợp tác xã bán giống lúa từ ngày 5/11.|bán
Bán thóc giống tại kho HTX thôn Đông.|Bán
Cửa hàng xăng dầu bán theo giá mới.|bán
Nhà ông Ba bán đất, ai mua liên hệ.|bán
Việc mua bán đất phải qua công chứng.|
Xã tổ chức bán đấu giá quyền sử dụng đất.|
Đại lý bán lẻ xăng dầu mở cửa 24/24.|
Điểm bán hàng bình ổn giá ở nhà văn hoá.|
Trường có lớp bán trú từ tháng 9.|
Bán kính 3 km quanh ổ dịch không được vận chuyển gia cầm.|
Nghi có người bán ma tuý, gọi 113.|
Hồ sơ nộp muộn bị phạt theo quy định.|muộn
Nộp muộn nhất ngày 15/12.|muộn
Ai đến muộn nhận số thứ tự sau 10h.|muộn
Đại biểu không đến muộn.|muộn
Sớm muộn gì cũng phải làm căn cước, mời bà con làm ngay.|
Phòng khám vợ chồng hiếm muộn miễn phí.|
Bà con chờ kết quả trong 3 ngày.|chờ
Xin vui lòng chờ điện thoại của cán bộ.|chờ
Chờ thông báo tiếp theo của UBND xã.|Chờ
Thời gian chờ không quá 15 phút.|
Mời ngồi ở phòng chờ, đến số sẽ gọi.|
Xin lỗi vì bà con phải chờ đợi.|
Hoãn họp thôn đến 20h ngày 16/11 vì mưa.|Hoãn
Cuộc thi hoãn đến ngày 20/11.|hoãn
Được hoãn nghĩa vụ quân sự: nộp đơn trước 30/11.|hoãn
Tạm hoãn lễ ra quân đến khi có thông báo.|
Không trì hoãn việc tiêm phòng.|
Tiền đã hoàn vào tài khoản của ông/bà.|hoàn
Hoàn thuế thu nhập cá nhân năm 2025 qua mạng.|
Hộ có hoàn cảnh khó khăn được tặng quà.|
Xã hoàn thiện hồ sơ nông thôn mới.|
Anh Hoàn, thôn Tây, phụ trách loa truyền thanh.|
Liên hệ ông Nguyễn Văn Hoàn, trưởng thôn.|
Dữ liệu hoàn toàn được bảo mật.|
Hoàn trả mặt bằng đường thôn trước 5/12.|
Ông Hoàn trực số điện thoại đường dây nóng.|
UBND Hà Tây mời bà con dự thi.|Hà Tây
UBND xã Hà Tây mời bà con dự thi.|
Người dân Hà Tây được tư vấn pháp luật miễn phí.|Hà Tây
Xã Hà Tây tổng kết cuộc thi Công dân số.|
Từ 1/12, dùng VNeID để làm thủ tục hành chính.|
Đã hết hạn nộp bài, cảm ơn bà con.|
Còn 3 ngày nữa hết hạn dự thi, mời bà con tham gia.|
Lịch cắt điện: thôn Đông từ 7h đến 11h ngày 18/11.|
Cắt nước để sửa ống, từ 13h đến 17h hôm nay.|
Thu gom rác vào sáng thứ Ba và thứ Sáu.|
Bão số 10 giật cấp 12, bà con chằng chống nhà cửa.|
Tàu thuyền vào nơi trú trước 15h.|
Trẻ sốt trên 38,5°C cần đưa tới trạm y tế ngay.|
Uống vitamin A cho trẻ 6-60 tháng tuổi tại trạm y tế.|
Khám tuyển nghĩa vụ quân sự ngày 1/12, mang giấy gọi.|
Lương hưu chi trả từ ngày 5 qua tài khoản.|
Người có công nhận quà 27/7 tại nhà văn hoá.|
Chi trả trợ cấp xã hội tháng 12 vào ngày 10.|
Bà con kiểm tra thông tin bầu cử niêm yết tại thôn.|
Phiếu bầu phát tại nhà trước ngày 20/5.|
Công an xã làm căn cước lưu động tại thôn Tây sáng mai.|
Giả danh công an gọi điện là lừa đảo, gọi ngay 113.|
Không cung cấp mã OTP cho bất kỳ ai.|
Vay tiền qua mạng có thể bị lừa, bà con cảnh giác.|
Xã tiếp công dân vào thứ Năm hằng tuần.|
Mời phụ huynh họp lúc 7h30 Chủ nhật.|
Lớp 5A nghỉ học ngày 20/11, các cháu đi học lại ngày 21.|
Nhà trường tiêm phòng sởi cho học sinh ngày 25/11.|
Nộp học phí qua tài khoản của trường, không nộp tiền mặt.|
Đoàn viên dự đại hội mặc áo xanh.|
Hội Phụ nữ họp lúc 14h tại trụ sở.|
Hội Nông dân mở lớp trồng nấm.|
Cựu chiến binh đóng hội phí năm 2026.|
Đảng viên mới dự lớp bồi dưỡng tại trung tâm chính trị.|mới
Đề nghị đảng viên nộp bản kiểm điểm trước 10/12.|
Bí thư chi bộ gửi báo cáo quý trước ngày 15.|
Xã dọn vệ sinh chung lúc 6h30 sáng Chủ nhật.|
Phun thuốc muỗi tại thôn Nam, bà con đậy nước ăn.|
Diệt chuột tập trung, không dùng điện.|
Lấy nước đổ ải đợt 1 từ 15/1.|
Bón phân đúng lúc, phun rầy từ ngày 5/3.|
Mạ non chịu rét kém, bà con che ni lông.|
Tiêm phòng chó dại ngày 20/11, mỗi con 30.000đ.|
Xích chó khi ra đường, rọ mõm nơi đông người.|
Lịch tiêm: thôn Đông 8h, thôn Tây 10h.|
Lệ phí cấp sổ đỏ 25.000đ/lần.|
Xem kết quả tại bảng tin hoặc hỏi trưởng thôn.|
Hỏi đáp: gọi 02253 000 000 trong giờ hành chính.|
Từ chối nhận tin: soạn TC gửi số này.|
Cuộc thi có 15 câu hỏi, làm trong 20 phút.|
Ông/bà chưa nộp bài, hạn cuối là 23h59 hôm nay.|
Cảm ơn ông/bà đã tham gia cuộc thi.|
Kết quả: thôn Đông 86%, thôn Tây 79%.|
Trao giải vào ngày 22/12 tại hội trường xã.|
Bà con treo cờ Tổ quốc từ 1/9 đến 3/9.|
Thắp sáng đường quê, mỗi hộ một bóng đèn.|
Tặng 40 suất quà cho hộ nghèo dịp Tết.|
Lễ hội đền diễn ra ngày 10/3 âm lịch.|
Cầu Cấm tạm đóng từ 22h đến 5h.|
Thôn Bưởi họp lúc 20h tối nay.|
Học sinh thôn Mới đi đò phải mặc áo phao.|
NGUYỄN THỊ MỚI đã trúng giải nhì.|
Bà Lợn thôn Tây đã nhận quà.|
Em Hoàn lớp 5A được khen thưởng.|
Cháu Lê Thị Bưởi mất liên lạc từ sáng nay.|
Phim "Mùa hoa cải" chiếu tối thứ Bảy.|
Nông dân hỏi giá mới, xem bảng tin.|
Trạm bơm mới lắp chạy thử ngày mai.|
Nhân viên mới tuyển nộp sơ yếu lý lịch.|
Xe chở vật liệu lớn nhỏ đều phải che bạt.|
Ngày lễ lớn, bà con treo cờ.|
Cây lớn đổ chắn đường 353, đi đường khác.|lớn
Bầu cử lại, mời cử tri đến lúc 7h.|
Cấm câu cá ở hồ thôn.|Cấm
Hàng cấm: pháo, súng tự chế, phải giao nộp.|
Hộ nuôi lợn nái khai báo trước 1/12.|lợn
Ai nhặt được giấy tờ của ông Lộn, liên hệ trưởng thôn.|
Muộn rồi, bà con không ra sông.|Muộn
Xăng bán hạn chế trong ngày bão.|bán
Kho lúa giống còn, chờ bà con đến lấy.|chờ
"""

OFFICIAL_SENTENCES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (sentence, tuple(filter(None, words.split(","))))
    for sentence, _bar, words in (line.partition("|") for line in _TABLE.strip().splitlines())
)
