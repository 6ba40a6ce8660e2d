"""Phrases from which the benchmark's articles are made; each list is joined with every other, so that the sentences of
thousands of articles differ. Written for this purpose: nothing here is news."""

from __future__ import annotations

SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Trịnh", "Mai", "Cao"]
MIDDLES = ["Văn", "Thị", "Hữu", "Đức", "Minh", "Thanh", "Quốc", "Ngọc", "Kim", "Xuân", "Hoài", "Bá", "Công", "Đình", "Thành", "Tuấn", "Mỹ", "Gia", "Khánh", "Anh"]
GIVEN = ["An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hòa", "Hùng", "Hương", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Nhung", "Phong", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Thắng", "Thủy", "Toàn", "Trang", "Trung", "Tú", "Tùng", "Uyên", "Vinh", "Vy", "Yến"]
PROVINCES = ["An Giang", "Bạc Liêu", "Bắc Giang", "Bắc Ninh", "Bến Tre", "Bình Dương", "Cà Mau", "Cao Bằng", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam", "Hà Tĩnh", "Hải Dương", "Hậu Giang", "Hưng Yên", "Khánh Hòa", "Kiên Giang", "Kon Tum", "Lai Châu", "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Long An", "Nam Định", "Nghệ An", "Ninh Bình", "Phú Thọ", "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Quảng Ninh", "Sóc Trăng", "Sơn La", "Tây Ninh", "Tiền Giang", "Trà Vinh", "Vĩnh Long", "Vĩnh Phúc", "Yên Bái"]
DISTRICTS = ["huyện Hồng Dân", "huyện Tân Trụ", "huyện Nghi Lộc", "huyện Châu Thành", "huyện Kế Sách", "huyện Thạnh Hóa", "huyện Yên Thành", "huyện Mỹ Xuyên", "huyện Đông Hải", "huyện Con Cuông", "huyện Bến Cầu", "huyện Gò Dầu", "huyện Cần Đước", "huyện Quỳ Hợp", "thị xã Kiến Tường", "thị xã Giá Rai", "thị xã Hoàng Mai", "thị xã Ngã Năm", "thành phố Vinh", "thành phố Tân An"]
FIELDS = ["Nội vụ", "Tài chính", "Tư pháp", "Y tế", "Xây dựng", "Công Thương", "Giao thông vận tải", "Kế hoạch và Đầu tư", "Khoa học và Công nghệ", "Giáo dục và Đào tạo", "Thông tin và Truyền thông", "Tài nguyên và Môi trường", "Nông nghiệp và Phát triển nông thôn", "Văn hóa, Thể thao và Du lịch", "Lao động, Thương binh và Xã hội"]

# --- what tells no fact: a time or place, who, does, what, where, and why ------------------------------------------

WHEN = ["Sáng nay", "Chiều hôm qua", "Từ đầu vụ", "Mấy tuần gần đây", "Sau đợt mưa lớn", "Ngay từ tờ mờ sáng", "Trước mùa tựu trường", "Dịp cuối tuần", "Những ngày giáp Tết", "Khi nước rút", "Vào giờ tan tầm", "Sau bữa cơm chiều", "Trong hai tháng hè", "Giữa trưa nắng", "Đầu mùa khô", "Từ ngày có điện lưới", "Suốt nhiều năm liền", "Hằng tháng", "Mỗi kỳ họp thôn", "Nhân ngày hội đọc sách", "Qua rà soát", "Theo kế hoạch"]
WHO = ["bà con ấp {place}", "các hộ trồng {crop}", "thầy trò trường làng {place}", "đội thanh niên xung kích", "chị em trong tổ dệt chiếu", "nhóm kỹ sư trẻ", "những ngư dân bám biển", "tổ hợp tác nuôi {beast}", "các bác sĩ trạm xá", "hội người cao tuổi {place}", "ban giám hiệu nhà trường", "lực lượng dân quân", "một nhóm sinh viên tình nguyện", "anh {name}", "chị {name}", "ông {name}", "bà {name}", "đội thợ hồ của ông {name}", "câu lạc bộ đờn ca {place}", "các chủ vựa {crop}", "tiểu thương chợ {place}", "cán bộ khuyến nông"]
DOES = ["gom góp tiền công để", "bàn nhau cách", "cùng bắt tay", "thử nghiệm", "mạnh dạn vay vốn", "kiên trì", "bắt đầu", "lên lịch thay phiên", "xin chủ trương", "tranh thủ", "hướng dẫn nhau", "tự nguyện", "học hỏi cách", "hoàn tất việc", "tổ chức lại việc", "vận động nhau", "nhận phần", "dành mỗi tuần hai buổi", "khởi động đợt", "chia thành từng nhóm nhỏ để"]
WHAT = ["nạo vét {n} mét kênh nội đồng", "trồng {n} gốc {crop}", "sửa lại cây cầu ván dẫn vào xóm", "dựng {n} căn nhà cho người già neo đơn", "quyên {n} quyển sách cũ", "phơi {n} bao {crop} vừa gặt", "đắp bờ bao chống triều", "thả {n} con giống {beast}", "quét vôi {n} phòng học", "mở lớp dạy bơi cho {n} em nhỏ", "lắp {n} bóng đèn trên lộ đất", "thu gom {n} ký rác nhựa", "khám bệnh cho {n} cụ già", "tập {n} bài vọng cổ", "chụp ảnh tư liệu về nghề cũ", "dọn sân đình đón khách", "đào ao trữ {n} khối nước", "làm mắm từ {beast}", "ghép cành {crop} giống mới", "chép lại {n} câu ca dao", "nối đường ống nước sạch tới {n} hộ", "sơn lại {n} chiếc ghe"]
WHERE = ["dọc con rạch {place}", "ở xóm {place}", "trên cánh đồng {place}", "bên bờ sông cái", "ngay sân trường", "quanh chân núi {place}", "trong khu vườn sau chùa", "giữa vùng lung bàu", "cặp tuyến lộ liên ấp", "tại nhà văn hóa thôn {place}", "ở bến ghe cũ", "trên triền đê", "gần chợ nổi", "ngoài cồn bãi", "trong sân kho hợp tác", "phía cuối làng {place}"]
WHY = ["để kịp con nước rằm", "cho đám trẻ đỡ vất vả", "nhằm giữ lấy nghề của cha ông", "vì giá {crop} đang nhích lên", "mà không chờ ai nhắc", "với hy vọng mùa sau khá hơn", "sau bao năm bỏ hoang", "trước khi gió chướng về", "để khách phương xa dễ tìm đường", "và chia đều phần lời", "dù trời còn mưa lất phất", "bởi ai cũng thấy ích lợi trước mắt", "cho kịp ngày giỗ tổ nghề", "rồi ghi lại vào sổ chung", "để xóm làng sáng sủa hơn", "khi máy móc đã sẵn sàng", "kẻo lỡ vụ {crop}", "nhờ tiền bán {beast}"]
CROPS = ["lúa nếp", "khóm", "mía", "dừa", "chuối", "sầu riêng", "bưởi", "đậu phộng", "khoai lang", "bắp", "cam sành", "thanh long", "mè đen", "hành tím", "chè", "cà phê", "quế", "tiêu"]
BEASTS = ["tôm sú", "cá lóc", "vịt chạy đồng", "cua biển", "dê núi", "bò sữa", "gà thả vườn", "lươn", "ếch", "cá tra", "ong mật", "heo rừng"]
PLACES_A = ["Bà", "Cai", "Đông", "Hậu", "Kinh", "Lung", "Mỹ", "Ngã", "Phú", "Rạch", "Tân", "Thạnh", "Trà", "Vàm", "Xẻo", "Cồn", "Gò", "Bàu", "Hòn", "Mương"]
PLACES_B = ["Bèo", "Chanh", "Dừa", "Đình", "Gáo", "Hưng", "Khế", "Lức", "Mới", "Nhỏ", "Ông", "Quao", "Sậy", "Tràm", "Út", "Vọp", "Xoài", "Muồng", "Sen", "Cui"]

JOINTS = ("; ", ", còn ", ", trong khi đó ", ", và ", " nên ")

# Words of the facts in sentences without one, as news is full of them: about one sentence in eight.
NEAR = (
    "{who} đến điểm trường {place} sớm hơn giờ học để {what}",
    "Hạng mục cuối cùng của con đường {place} được {who} hoàn tất {why}",
    "Ông {name}, cán bộ tư pháp xã, sắp xếp lại {n} tập giấy tờ {where}",
    "Công tác cải cách hành chính được nhắc tới khi {who} hỏi thủ tục vay vốn {why}",
    "{when}, {who} về hưu vẫn nhận {what} {where}",
    "Theo chị {name}, điểm bán {crop} {where} mở cửa suốt {n} ngày",
    "Bà {name} khen món mắm của {who}, dặn giữ nghề {why}",
    "Đoàn tặng {n} phần quà cho trẻ em nghèo {where} {why}",
    "Nước dâng thêm một bậc thềm, {who} lo {what} {where}",
    "Viên chức trạm bơm {place} cùng {who} trực đêm {why}",
    "Chỉ số đường huyết của nhiều cụ già {where} đã ổn định, theo {who}",
    "Nhà hàng xếp hạng sao đầu tiên {where} do {who} góp vốn",
)

# --- what tells facts ------------------------------------------------------------------------------------------------

RANKED = (
    "Theo kết quả công bố, {province} xếp thứ {rank}/63 tỉnh, thành phố với {score} điểm, tăng {move} bậc so với năm {before}.",
    "{province} đạt {score} điểm Chỉ số cải cách hành chính năm {year}, đứng thứ {rank} cả nước.",
    "Cùng kỳ, {province} có Chỉ số PAPI đạt {low} điểm, xếp hạng {rank}.",
    "Chỉ số năng lực cạnh tranh cấp tỉnh (PCI) năm {year} của {province} đạt {score} điểm, giảm {move} bậc.",
    "Ở khối sở, ngành, Sở {field} dẫn đầu với {score} điểm; Sở {field2} xếp thứ {rank} với {low} điểm.",
    "Có {few}/{many} sở, ngành đạt mức tốt, còn lại ở mức khá.",
    "{district} đứng đầu khối cấp huyện với {score} điểm, {district2} đứng thứ {few}.",
    "Tỉnh phấn đấu năm {after} Chỉ số hài lòng của người dân (SIPAS) đạt trên {percent}%.",
)
RANKED_TITLES = (
    "{province} công bố kết quả Chỉ số cải cách hành chính năm {year}",
    "{province} xếp thứ {rank} về Chỉ số cải cách hành chính năm {year}",
    "Chỉ số PCI năm {year}: {province} thuộc nhóm khá",
)
STAFF = (
    "Năm {year}, toàn tỉnh đã tinh giản biên chế {n} người theo Nghị định số 108/2014/NĐ-CP.",
    "Trong đó, có {few} người nghỉ hưu trước tuổi và {many} người thôi việc ngay.",
    "Sở {field} đã giảm {few} biên chế công chức, {district} giảm {many} biên chế.",
    "Từ năm {before} đến năm {year}, {district} tinh giản {many} trường hợp.",
    "Dự kiến năm {after}, tỉnh tiếp tục cắt giảm {many} biên chế viên chức.",
)
STAFF_TITLES = ("{province} tinh giản biên chế {n} người trong năm {year}", "{province}: Kết quả tinh giản biên chế năm {year}")
AWARDED = (
    "Dịp này, Chủ tịch UBND tỉnh tặng Bằng khen cho {few} tập thể và {many} cá nhân có thành tích xuất sắc trong năm {year}.",
    "Sở {field} được Thủ tướng Chính phủ tặng Cờ thi đua năm {year}.",
    "Bộ Nội vụ tặng Bằng khen cho ông {name}, Phó Giám đốc Sở {field}.",
    "Ông {name} vinh dự được Chủ tịch nước tặng Huân chương Lao động hạng Ba.",
    "Giám đốc Sở {field} tặng Giấy khen cho {few} tập thể, {many} cá nhân.",
)
AWARDED_TITLES = ("{province} khen thưởng các tập thể, cá nhân tiêu biểu năm {year}", "Sở {field} {province} tổng kết công tác năm {year}")

# --- around the articles ---------------------------------------------------------------------------------------------

MENU = ["Trang chủ", "Thời sự", "Kinh tế", "Xã hội", "Văn hóa", "Thể thao", "Giáo dục", "Sức khỏe", "Du lịch", "Đời sống", "Bạn đọc", "Ảnh", "Video", "Dự báo thời tiết", "Giá cả thị trường", "Lịch tiếp dân", "Văn bản mới", "Hỏi đáp", "Thư viện", "Liên hệ", "Sơ đồ trang", "Tìm kiếm", "Ấn phẩm", "Nông thôn mới"]
CLASSES = ["box", "item", "list", "row", "col", "inner", "wrap", "head", "foot", "side", "widget", "block", "media", "thumb", "title", "more", "link", "nav", "tab", "panel"]
